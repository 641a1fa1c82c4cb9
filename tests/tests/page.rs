//! The voter's page in a real browser, over real elections with the real programs. Skipped, and said so, where Chromium is not installed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "page/scene.rs"]
mod scene;
#[path = "page/walk.rs"]
mod walk;
