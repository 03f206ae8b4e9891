//! Pages from memory: one load for many, never old, the same on every node.

mod assets;
mod fill;
mod http;
mod invalidation;
mod later_pages;
mod limits;
mod long_lists;
mod names;
mod nodes;
mod places;
mod privacy;
mod shared;
mod taken_down;
