//! A whole real election again: the official lists of candidates, and a real ballot for each vote of the official count. `cargo rehearsal`.

pub mod lists;
pub mod meter;
pub mod voters;
