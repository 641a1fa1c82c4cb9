//! The voter's page in a real browser, over real elections with the real programs. Skipped, and said so, where Chromium is not installed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "page/canary.rs"]
mod canary;
#[path = "page/card.rs"]
mod card;
#[path = "page/doors.rs"]
mod doors;
#[path = "page/hands.rs"]
mod hands;
#[path = "page/lines.rs"]
mod lines;
#[path = "page/look.rs"]
mod look;
#[path = "page/practice.rs"]
mod practice;
#[path = "page/relay.rs"]
mod relay;
#[path = "page/scene.rs"]
mod scene;
#[path = "page/walk.rs"]
mod walk;
