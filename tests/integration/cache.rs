//! Pages from memory: one load for many, never old, the same on every node.

mod assets;
mod http;
mod limits;
mod places;
mod privacy;
mod shared;
