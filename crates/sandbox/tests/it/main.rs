//! What the sandbox does, call by call.

mod addresses;
mod balancers;
mod behind;
mod clusters;
mod data;
mod dns;
mod endpoints;
mod faults;
mod identity;
mod kinds;
mod laws;
mod networks;
mod operations;
mod reads;
mod requests;
mod scaling;
mod security;
mod store;
mod support;
