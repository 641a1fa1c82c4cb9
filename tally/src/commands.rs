//! One file for each subcommand; its doc comment is its help.

pub mod ceremony;
pub mod count;
pub mod keygen;
pub mod mix;
pub mod new;
pub mod open;
pub mod order;
pub mod post;
pub mod sign_manifest;
pub mod status;
