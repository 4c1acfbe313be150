//! What the sandbox does, call by call.

mod behind;
mod dns;
mod faults;
mod identity;
mod kinds;
mod laws;
mod networks;
mod operations;
mod reads;
mod requests;
mod store;
mod support;
