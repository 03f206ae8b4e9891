//! One binary of tests through the public doors. Each test has a site of its own on a database cloned from
//! one migrated template; one throw-away cluster serves them all. `support` has the site and its actors.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "clocks and ids of a test's own"
)]

mod support;

mod accounts;
mod admin;
mod architecture;
mod archive;
mod around_posts;
mod audit;
mod before_publishing;
mod bylines;
mod cache;
mod cdn;
mod client_addresses;
mod clocks;
mod commands;
mod comments;
mod corrections;
mod crash;
mod dashboard;
mod distance;
mod doctor;
mod documents;
mod editing;
mod embedded;
mod enqueue;
mod feeds;
mod forms;
mod front;
mod guest_notes;
mod history;
mod invisible;
mod jobs;
mod messages;
mod metrics;
mod migrations;
mod offers;
mod old;
mod outage;
mod overload;
mod permissions;
mod pins;
mod plans;
mod pooling;
mod posts;
mod preview_links;
mod prose;
mod public_posts;
mod reading;
mod rendering;
mod replicas;
mod rerender;
mod restore;
mod review;
mod round_trips;
mod routes;
mod schedule;
mod setup;
mod shared_caches;
mod silence;
mod site_look;
mod site_pictures;
mod site_settings;
mod social_images;
mod tag_changes;
mod tags;
mod time_zone;
mod transfer;
mod typography;
mod undo;
mod untitled;
mod upgrade;
