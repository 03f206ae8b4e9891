//! Asks a server for pages over kept connections and says as JSON how fast it answered. Three paces:
//!
//! - none given: every connection asks again as soon as it has its answer; gives the peak;
//! - `--rate`: requests are due at even intervals, whether or not earlier ones were answered, and latency
//!   counts from the moment at which a request was due. A server that stalls thereby pays for everybody
//!   who would have come in the meantime, which clients that wait for answers hide;
//! - `--each-once`: every path of a list one time; gives the cost of pages that were not asked for before.
//!
//! One thread that sleeps in epoll, because client and server share the processors.

#[cfg(target_os = "linux")]
mod client;
#[cfg(target_os = "linux")]
mod histogram;
#[cfg(target_os = "linux")]
mod options;
#[cfg(target_os = "linux")]
mod response;

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    use clap::Parser;

    let plan = options::Options::parse().plan()?;
    let tally = client::Client::connect(&plan)?.run()?;
    println!("{}", tally.report());
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("The load client waits with epoll, so it needs Linux.");
    std::process::exit(2);
}
