//! The description of our own API, judged by others: by the validator of `OpenAPI` documents, and by schemathesis,
//! which makes requests of it and holds the answers against it. Both are installed by name into a temporary
//! folder; where that cannot be done, the test says so and passes.

use std::path::{Path, PathBuf};
use std::process::Command;

use linkback::model::{Clock as _, SiteBase, SystemClock};

use crate::TARGET;
use crate::support::TestService;

/// What an answer must not be, and what it must be as it is described.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Installs packages into `folder`: where their programs are, or why they cannot be had.
fn installed(folder: &Path, packages: &[&str]) -> Result<PathBuf, String> {
    let run = |command: &mut Command| match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Err(error.to_string()),
    };
    let programs = folder.join("venv/bin");
    run(Command::new("python3")
        .args(["-m", "venv", "venv"])
        .current_dir(folder))?;
    run(Command::new(programs.join("python"))
        .args(["-m", "pip", "install", "--quiet", "--retries=1"])
        .arg("--disable-pip-version-check")
        .args(packages))?;
    Ok(programs)
}

/// Runs a program of the folder; the service answers on this very runtime meanwhile.
async fn passes(programs: &Path, folder: &Path, program: &str, arguments: &[&str]) {
    let mut command = Command::new(programs.join(program));
    command.args(arguments).current_dir(folder);
    let output = actix_web::web::block(move || command.output())
        .await
        .unwrap()
        .unwrap();
    assert!(
        output.status.success(),
        "{program}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[actix_web::test]
async fn the_api_answers_as_its_description_says() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let packages = ["openapi-spec-validator==0.9.0", "schemathesis==4.32.5"];
    let programs = match installed(folder, &packages) {
        Ok(programs) => programs,
        Err(why) => {
            eprintln!(
                "skipped: python3 cannot install {}: {why}",
                packages.join(", ")
            );
            return;
        }
    };
    let service = TestService::start_filled(TARGET, 60).await;
    let site = SiteBase::parse("blog.example").unwrap();
    let token = service
        .store()
        .add_token(&site, "", SystemClock.now())
        .await
        .unwrap()
        .unwrap();
    let document = service.get("/api/v1/openapi.json").await;
    assert_eq!(document.status, 200);
    std::fs::write(folder.join("openapi.json"), &document.body).unwrap();
    passes(
        &programs,
        folder,
        "openapi-spec-validator",
        &["openapi.json"],
    )
    .await;
    // A description that breaks the rules is refused.
    let broken = document.text().replacen("\"responses\"", "\"answers\"", 1);
    std::fs::write(folder.join("broken.json"), broken).unwrap();
    let refused = Command::new(programs.join("openapi-spec-validator"))
        .arg("broken.json")
        .current_dir(folder)
        .output();
    assert!(!refused.unwrap().status.success());
    let url = format!("http://{}", service.address);
    // With a token a whole site may be asked for as well.
    let header = format!("Authorization: Bearer {token}");
    let arguments = [
        "run",
        "openapi.json",
        "--url",
        &url,
        "--header",
        &header,
        "--checks",
        CHECKS,
        "--max-examples=20",
        "--seed=1",
        "--phases=examples,coverage,fuzzing",
        "--generation-database=none",
        "--no-color",
    ];
    passes(&programs, folder, "schemathesis", &arguments).await;
}
