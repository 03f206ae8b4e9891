//! The map of the house.
//!
//! A request that [`cache`] can answer goes no further. Any other finds its line in [`routes`], goes into one folder of
//! [`features`], asks a database connection of [`db`], renders one page and leaves with the headers that [`web`] writes
//! in one place.
//!
//! - [`app`]: composition root — configuration, shared state, server, command line
//! - [`routes`]: every URL of the site, each with the access that it asks for
//! - [`features`]: the product, one folder a feature
//! - [`state`]: what every handler may ask for, made of tools
//! - [`cache`], [`db`], [`web`], [`jobs`], [`cdn`], [`markdown`]: tool rooms that know nothing of blogging
//! - [`messages`]: the words of pages, from the catalogues in `locales/`
//! - [`metrics`]: counters and histograms, which every room registers for a scrape
//! - [`access`]: who acts, and what each may do: plain data below all other rooms
//! - [`import`]: reads blogs that other programs wrote, as files alone; knows nothing of this program
//! - [`ids`]: makes ids; [`jitter`]: the random spread of times that tool rooms share
//!
//! Imports go `app → routes → features → state → tool rooms`, never back; `tests/integration/architecture.rs`
//! holds that.

// Tests make times and ids of their own.
#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod access;
pub mod app;
pub mod cache;
pub mod cdn;
pub mod db;
pub mod features;
pub mod ids;
pub mod import;
pub mod jitter;
pub mod jobs;
pub mod markdown;
pub mod messages;
pub mod metrics;
pub mod routes;
pub mod state;
pub mod web;
