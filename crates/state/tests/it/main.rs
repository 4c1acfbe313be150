//! What a store promises: what is appended is read again, whatever dies in between.

mod crash;
mod damage;
mod lock;
mod rename;
mod replay;
mod store;
