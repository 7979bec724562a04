use super::*;

fn parse(text: &str) -> Result<Config, String> {
    let file = toml::from_str(text).map_err(|e| e.to_string())?;
    Config::merge(&Flags::default(), file).map_err(|e| e.to_string())
}

#[test]
fn the_example_file_states_the_defaults() {
    // Each commented-out key with its value is what holds without it.
    let uncommented: String = EXAMPLE
        .lines()
        .map(|line| line.strip_prefix("#= ").unwrap_or(line))
        .fold(String::new(), |text, line| text + line + "\n");
    assert_ne!(uncommented, EXAMPLE);
    let stated = parse(&uncommented).unwrap();
    let default = parse("").unwrap();
    assert_eq!(format!("{stated:?}"), format!("{default:?}"));
    assert_eq!(
        format!("{:?}", parse(EXAMPLE).unwrap()),
        format!("{default:?}")
    );
}

#[test]
fn a_wrong_value_is_named_with_what_would_be_right() {
    for (text, want) in [
        (
            "listen = 'here'",
            "listen: “here” is not an address and port",
        ),
        (
            "public_url = 'https://x.example/y'",
            "public_url: “https://x.example/y” has a path",
        ),
        (
            "public_url = 'ftp://x'",
            "public_url: “ftp://x” is not an http(s) URL",
        ),
        ("database = ''", "database: a file without a name"),
        ("sites = ['/blog']", "sites: “/blog” is not a site"),
        (
            "[fetch]\nallow_networks = ['all']",
            "fetch.allow_networks: “all” is not a network",
        ),
        (
            "[fetch]\nrefuse_networks = ['1.2.3']",
            "fetch.refuse_networks: “1.2.3” is not a network",
        ),
        (
            "[fetch]\ndns_servers = ['ns.example.com']",
            "fetch.dns_servers: “ns.example.com” is not an address",
        ),
        (
            "[http]\ntrusted_proxies = ['10.0.0.1', 'nginx']",
            "http.trusted_proxies: “nginx” is not a network",
        ),
        (
            "[worker]\nconcurrency = 0",
            "worker.concurrency: 0 would never do anything",
        ),
        ("[worker]\nlease_ms = 5", "worker.lease_ms: 5 is too short"),
        (
            "[worker]\npoll_ms = 0",
            "worker.poll_ms: 0 would look for work",
        ),
        (
            "[receive]\nblocked_sources = ['spam.example:8080']",
            "receive.blocked_sources: “spam.example:8080”",
        ),
        ("[log]\nlevel = 'loud'", "log.level: “loud” is not a level"),
        (
            "public_url = 'https://lb.example'\n[websub]\nhub = 'hub.example'",
            "websub.hub: “hub.example” is not a hub's URL",
        ),
        (
            "[websub]\nhub = 'https://hub.example/'",
            "websub.hub: the hub must know where our feeds are; set public_url",
        ),
        (
            "[websub]\npause_ms = 0",
            "websub.pause_ms: 0 would tell the hub of each change alone",
        ),
        ("listne = 'x'", "unknown field `listne`"),
        (
            "[receive]\nblocked_sources = ['https://x/y']",
            "receive.blocked_sources: “https://x/y”",
        ),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(want), "{text}: {error}");
    }
}

#[test]
fn flags_win_over_the_file() {
    let flags = Flags {
        listen: Some("localhost:9999".into()),
        sites: vec!["https://flag.example".into()],
        ..Flags::default()
    };
    let file = toml::from_str("listen = '0.0.0.0:1'\nsites = ['file.example']\ndatabase = 'f'");
    let config = Config::merge(&flags, file.unwrap()).unwrap();
    assert_eq!(config.listen, "127.0.0.1:9999".parse().unwrap());
    assert_eq!(config.sites, [SiteBase::parse("flag.example").unwrap()]);
    assert_eq!(config.database, PathBuf::from("f"));
}

#[test]
fn name_servers_are_addresses_with_a_port_or_without() {
    let text = "[fetch]\ndns_servers = ['127.0.0.53', '[::1]:5353', '::1', '10.0.0.1:54']";
    let servers = parse(text).unwrap().fetch.dns_servers;
    let servers: Vec<String> = servers.iter().map(ToString::to_string).collect();
    assert_eq!(
        servers,
        ["127.0.0.53:53", "[::1]:5353", "[::1]:53", "10.0.0.1:54"]
    );
}

#[test]
fn looking_after_mentions_is_switched_off_by_either_key() {
    for (keys, want) in [
        ("", 60),
        ("reverify = false", 0),
        ("reverify = false\nreverify_per_minute = 5", 0),
        ("reverify_per_minute = 5", 5),
        ("reverify_per_minute = 0", 0),
    ] {
        let config = parse(&format!("[worker]\n{keys}")).unwrap();
        assert_eq!(config.worker.reverify_per_minute, want, "{keys}");
    }
    let patience = |days| {
        let config = parse(&format!("[worker]\nremove_dead_after_days = {days}"));
        config.unwrap().worker.patience
    };
    assert_eq!(patience(0), None);
    assert_eq!(patience(365), Some(DAY * 365));
}
