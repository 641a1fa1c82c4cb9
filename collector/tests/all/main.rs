//! The collector as a process: every rule with its refusal, every write with a crash on either side.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod amend;
mod backups;
mod casting;
mod commands;
mod container;
mod crash;
mod evidence;
mod export;
mod gate;
mod http;
mod journal;
mod logins;
mod openapi;
mod operating;
mod orders;
mod postgresql;
mod publishing;
mod removal;
mod second_device;
mod storage;
mod support;
mod vis3;
mod xroad;
