//! The program: everything it does is in the library, beginning with the command line.

use std::process::ExitCode;

/// Under many threads that allocate and free small pieces, the system's allocator keeps more memory and is slower.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Fails only if a provider is there already, and nothing has run before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    masthead::app::cli::run()
}
