//! The `linkback` program: hands the command line to [`linkback::cli`] and reports what went wrong.

use std::process::ExitCode;

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
