//! The ballot box is killed, or its database, its disk fails, its clock jumps, its lines are cut, while people vote. `cargo faults`.
//!
//! After all of it: what was acknowledged is in the log, once; what is in the log was acknowledged to its voter in the end; the log extends every
//! checkpoint that anybody ever saw; and the verifier finds no fault.

pub mod database;
pub mod rig;
pub mod shim;
pub mod voter;
