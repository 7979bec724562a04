//! The `linkback` program: hands the command line to [`linkback::cli`] and reports what went wrong.

use std::process::ExitCode;

/// Many small texts that come and go together, on several threads: mimalloc has them in two thirds of the time, and
/// gives the memory back.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match linkback::cli::run().await {
        Ok(code) => code,
        Err(error) => {
            linkback::cli::complain(&error);
            ExitCode::FAILURE
        }
    }
}
