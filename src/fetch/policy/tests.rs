use super::*;

fn assert_class(address: &str, want: Option<AddrClass>) {
    let address: IpAddr = address.parse().unwrap();
    assert_eq!(AddrClass::of(address), want, "{address}");
    let strict = Policy::default().check_addr(address);
    let want = want.map_or(Ok(()), |class| Err(Refused::NotPublic { address, class }));
    assert_eq!(strict, want, "{address}");
}

/// Every row of the registry with its edges, and the neighbours just outside.
#[test]
fn ipv4_addresses_are_classified_as_the_registry_has_them() {
    use AddrClass as C;
    for (address, want) in [
        ("0.0.0.0", Some(C::ThisNetwork)),
        ("0.255.255.255", Some(C::ThisNetwork)),
        ("1.0.0.0", None),
        ("9.255.255.255", None),
        ("10.0.0.0", Some(C::Private)),
        ("10.255.255.255", Some(C::Private)),
        ("11.0.0.0", None),
        ("100.63.255.255", None),
        ("100.64.0.0", Some(C::CarrierNat)),
        ("100.100.100.200", Some(C::CarrierNat)),
        ("100.127.255.255", Some(C::CarrierNat)),
        ("100.128.0.0", None),
        ("126.255.255.255", None),
        ("127.0.0.1", Some(C::Loopback)),
        ("127.255.255.255", Some(C::Loopback)),
        ("128.0.0.0", None),
        ("168.63.129.15", None),
        ("168.63.129.16", Some(C::CloudHost)),
        ("168.63.129.17", None),
        ("169.253.255.255", None),
        ("169.254.0.0", Some(C::LinkLocal)),
        ("169.254.169.254", Some(C::LinkLocal)),
        ("169.255.0.0", None),
        ("172.15.255.255", None),
        ("172.16.0.0", Some(C::Private)),
        ("172.31.255.255", Some(C::Private)),
        ("172.32.0.0", None),
        ("191.255.255.255", None),
        ("192.0.0.0", Some(C::IetfProtocol)),
        ("192.0.0.192", Some(C::IetfProtocol)),
        ("192.0.1.0", None),
        ("192.0.2.1", Some(C::Documentation)),
        ("192.0.3.0", None),
        ("192.31.195.255", None),
        ("192.31.196.0", Some(C::As112)),
        ("192.31.196.255", Some(C::As112)),
        ("192.31.197.0", None),
        ("192.52.192.255", None),
        ("192.52.193.0", Some(C::Multicast)), // AMT
        ("192.52.193.255", Some(C::Multicast)),
        ("192.52.194.0", None),
        ("192.88.98.255", None),
        ("192.88.99.1", Some(C::SixToFour)),
        ("192.88.100.0", None),
        ("192.167.255.255", None),
        ("192.168.0.0", Some(C::Private)),
        ("192.168.255.255", Some(C::Private)),
        ("192.169.0.0", None),
        ("192.175.47.255", None),
        ("192.175.48.0", Some(C::As112)),
        ("192.175.48.255", Some(C::As112)),
        ("192.175.49.0", None),
        ("198.17.255.255", None),
        ("198.18.0.0", Some(C::Benchmarking)),
        ("198.19.255.255", Some(C::Benchmarking)),
        ("198.20.0.0", None),
        ("198.51.99.255", None),
        ("198.51.100.1", Some(C::Documentation)),
        ("198.51.101.0", None),
        ("203.0.112.255", None),
        ("203.0.113.1", Some(C::Documentation)),
        ("203.0.114.0", None),
        ("223.255.255.255", None),
        ("224.0.0.1", Some(C::Multicast)),
        ("239.255.255.255", Some(C::Multicast)),
        ("240.0.0.0", Some(C::Reserved)),
        ("255.255.255.254", Some(C::Reserved)),
        ("255.255.255.255", Some(C::Broadcast)),
        ("8.8.8.8", None),
    ] {
        assert_class(address, want);
    }
}

/// As above; forms that embed an IPv4 address are judged by it, or refused as such.
#[test]
fn ipv6_addresses_are_classified_as_the_registry_has_them() {
    use AddrClass as C;
    for (address, want) in [
        ("::", Some(C::Unspecified)),
        ("::1", Some(C::Loopback)),
        ("::2", Some(C::V4Compatible)),
        ("::127.0.0.1", Some(C::V4Compatible)),
        ("::8.8.8.8", Some(C::V4Compatible)),
        ("::fffe:7f00:1", Some(C::Unassigned)),
        ("::ffff:127.0.0.1", Some(C::Loopback)),
        ("::ffff:10.1.2.3", Some(C::Private)),
        ("::ffff:169.254.169.254", Some(C::LinkLocal)),
        ("::ffff:0.0.0.0", Some(C::ThisNetwork)),
        ("::ffff:8.8.8.8", None),
        ("::ffff:0:127.0.0.1", Some(C::Unassigned)), // IPv4-translated, RFC 2765
        ("64:ff9b::127.0.0.1", Some(C::Loopback)),
        ("64:ff9b::192.168.1.1", Some(C::Private)),
        ("64:ff9b::8.8.8.8", None),
        ("64:ff9b::1:7f00:1", Some(C::Unassigned)),
        ("64:ff9b:1::8.8.8.8", Some(C::LocalNat64)),
        ("64:ff9b:1:ffff::1", Some(C::LocalNat64)),
        ("64:ff9b:2::1", Some(C::Unassigned)),
        ("100::1", Some(C::Discard)),
        ("100:0:0:1::1", Some(C::Dummy)),
        ("100:0:0:2::1", Some(C::Unassigned)),
        ("1fff:ffff::1", Some(C::Unassigned)),
        ("2001::1", Some(C::Teredo)),
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", Some(C::Teredo)),
        ("2001:1::1", Some(C::IetfProtocol)),
        ("2001:2::1", Some(C::IetfProtocol)),  // benchmarking
        ("2001:20::1", Some(C::IetfProtocol)), // ORCHIDv2
        ("2001:1ff:ffff::1", Some(C::IetfProtocol)),
        ("2001:200::1", None),
        ("2001:db7:ffff::1", None),
        ("2001:db8::1", Some(C::Documentation)),
        ("2001:db8:ffff::1", Some(C::Documentation)),
        ("2001:db9::1", None),
        ("2001:4860:4860::8888", None),
        ("2002:7f00:1::", Some(C::SixToFour)),
        ("2002:808:808::1", Some(C::SixToFour)),
        ("2003::1", None),
        ("2606:4700:4700::1111", None),
        ("2606:4700::5efe:127.0.0.1", Some(C::Isatap)),
        ("2606:4700::200:5efe:10.0.0.1", Some(C::Isatap)),
        ("2606:4700::200:5efe:8.8.8.8", Some(C::Isatap)),
        ("2606:4700::5eff:127.0.0.1", None),
        ("2606:4700::100:5efe:127.0.0.1", None),
        ("fe80::5efe:127.0.0.1", Some(C::LinkLocal)),
        ("2620:4f:7fff:ffff::1", None),
        ("2620:4f:8000::1", Some(C::As112)),
        ("2620:4f:8000:ffff::1", Some(C::As112)),
        ("2620:4f:8001::1", None),
        ("3ffe::1", None),
        ("3fff::1", Some(C::Documentation)),
        ("3fff:fff:ffff::1", Some(C::Documentation)),
        ("3fff:1000::1", None),
        ("4000::1", Some(C::Unassigned)),
        ("5eff:ffff::1", Some(C::Unassigned)),
        ("5f00::1", Some(C::SegmentRouting)),
        ("5f01::1", Some(C::Unassigned)),
        ("fbff:ffff::1", Some(C::Unassigned)),
        ("fc00::1", Some(C::UniqueLocal)),
        ("fd00:ec2::254", Some(C::UniqueLocal)),
        ("fe00::1", Some(C::Unassigned)),
        ("fe80::1", Some(C::LinkLocal)),
        ("febf::1", Some(C::LinkLocal)),
        ("fec0::1", Some(C::SiteLocal)),
        ("feff::1", Some(C::SiteLocal)),
        ("ff02::1", Some(C::Multicast)),
    ] {
        assert_class(address, want);
    }
}

fn verdict(policy: &Policy, url: &str) -> String {
    match policy.check_url(&Url::parse(url).unwrap()) {
        Ok(()) => "ok".to_owned(),
        Err(Refused::Scheme(_)) => "scheme".to_owned(),
        Err(Refused::Userinfo) => "userinfo".to_owned(),
        Err(Refused::Name(_)) => "name".to_owned(),
        Err(Refused::Port(port)) => format!("port {port}"),
        Err(Refused::Network(address)) => format!("network of {address}"),
        Err(Refused::NotPublic { class, .. }) => class.to_string(),
    }
}

#[test]
fn urls_are_judged_by_what_would_be_dialled_however_they_are_written() {
    for (url, want) in [
        ("https://example.com/", "ok"),
        ("http://example.com./", "ok"),
        ("http://example.com:443/", "ok"),
        ("https://xn--bcher-kva.example/", "ok"),
        ("https://my_blog.example.com/", "ok"),
        ("https://localhost.example.com/", "ok"),
        ("https://notlocal/", "name"),
        ("http://8.8.8.8/", "ok"),
        ("http://[2606:4700:4700::1111]/", "ok"),
        ("http://[::ffff:8.8.8.8]/", "ok"),
        ("ftp://example.com/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://127.0.0.1:6379/_INFO", "scheme"),
        ("data:text/html,x", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("ws://example.com/", "scheme"),
        ("http://user@example.com/", "userinfo"),
        ("http://:pass@example.com/", "userinfo"),
        ("http://example.com:8080/", "port 8080"),
        ("http://example.com:22/", "port 22"),
        ("http://example.com:0/", "port 0"),
        ("http://8.8.8.8:53/", "port 53"),
        ("http://127.0.0.1/", "loopback"),
        ("http://127.0.0.1:6379/", "loopback"),
        ("http://127.1/", "loopback"),
        ("http://127.0.0.1./", "loopback"),
        ("http://2130706433/", "loopback"),
        ("http://0x7f000001/", "loopback"),
        ("http://0x7f.1/", "loopback"),
        ("http://0177.0.0.1/", "loopback"),
        ("http://017700000001/", "loopback"),
        ("http://①②⑦.⓪.⓪.①/", "loopback"),
        ("http://１２７.０.０.１/", "loopback"),
        ("http://127。0。0。1/", "loopback"),
        ("http://%31%32%37.0.0.1/", "loopback"),
        ("http://0/", "“this network”"),
        ("http://0.0.0.0/", "“this network”"),
        ("http://3232235521/", "a private network"),
        ("http://0xa9fea9fe/", "link-local"),
        ("http://169.254.169.254/latest/meta-data/", "link-local"),
        ("http://[::1]/", "loopback"),
        ("http://[0:0:0:0:0:0:0:1]/", "loopback"),
        ("http://[::]/", "unspecified"),
        ("http://[::ffff:127.0.0.1]/", "loopback"),
        ("http://[::ffff:7f00:1]/", "loopback"),
        ("http://[::127.0.0.1]/", "IPv4-compatible"),
        ("http://[64:ff9b::7f00:1]/", "loopback"),
        ("http://[2002:7f00:1::]/", "6to4"),
        ("http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/", "Teredo"),
        ("http://[fe80::1]/", "link-local"),
        ("http://[fd00:ec2::254]/", "unique-local"),
        ("http://localhost/", "name"),
        ("http://LOCALHOST./", "name"),
        ("http://loc%61lhost/", "name"),
        ("http://ｌｏｃａｌｈｏｓｔ/", "name"),
        ("http://a.localhost/", "name"),
        ("http://printer.local/", "name"),
        ("http://metadata.google.internal/", "name"),
        ("http://router.home.arpa/", "name"),
        ("http://nas.lan/", "name"),
        ("http://nas.home/", "name"),
        ("http://wiki.corp/", "name"),
        ("http://wiki.intranet/", "name"),
        ("http://db.private/", "name"),
        ("http://a.localdomain/", "name"),
        ("http://ipv4only.arpa/", "name"),
        ("http://1.0.0.127.in-addr.arpa/", "name"),
        ("http://onion/", "name"),
        ("https://corp.example.com/", "ok"),
        ("https://arpa.example.com/", "ok"),
        ("http://a.onion/", "name"),
        ("http://a.alt/", "name"),
        ("http://a.test/", "name"),
        ("http://a.invalid/", "name"),
        ("http://intranet/", "name"),
        ("http://com./", "name"),
        ("http://a..example.com/", "name"),
        ("http://example.com../", "name"),
        ("http://.example.com/", "name"),
        ("http://ex{am}ple.com/", "name"),
    ] {
        assert_eq!(verdict(&Policy::default(), url), want, "{url}");
    }
}

#[test]
fn a_name_that_is_too_long_for_the_dns_is_refused() {
    let label = "a".repeat(MAX_LABEL_BYTES);
    let longest = format!("{label}.{label}.{label}.{}.com", "a".repeat(57));
    assert_eq!(longest.len(), MAX_NAME_BYTES);
    for (host, want) in [
        (longest.clone(), "ok"),
        (format!("{longest}."), "ok"),
        (format!("a{longest}"), "name"),
        (format!("{label}.com"), "ok"),
        (format!("a{label}.com"), "name"),
    ] {
        let url = format!("https://{host}/");
        assert_eq!(verdict(&Policy::default(), &url), want, "{url}");
    }
}

#[test]
fn a_refused_network_is_closed_whatever_else_is_said_of_it() {
    let policy = Policy {
        allowed_networks: vec!["10.0.0.0/8".parse().unwrap()],
        refused_networks: vec![
            "198.100.1.1/32".parse().unwrap(),
            "10.1.0.0/16".parse().unwrap(),
            "2606:4700::/32".parse().unwrap(),
        ],
        extra_ports: Vec::new(),
    };
    for (url, want) in [
        ("http://198.100.1.1/", "network of 198.100.1.1"),
        ("https://198.100.1.1:8443/", "network of 198.100.1.1"),
        (
            "http://[::ffff:198.100.1.1]/",
            "network of ::ffff:198.100.1.1",
        ),
        (
            "http://[64:ff9b::198.100.1.1]/",
            "network of 64:ff9b::c664:101",
        ),
        ("http://198.100.1.2/", "ok"),
        ("http://[2606:4700::1]/", "network of 2606:4700::1"),
        ("http://10.0.0.1:8080/", "ok"),
        ("http://10.1.0.1:8080/", "network of 10.1.0.1"),
        ("http://127.0.0.1/", "loopback"),
    ] {
        assert_eq!(verdict(&policy, url), want, "{url}");
    }
    assert!(!policy.is_allowed("10.1.0.1".parse().unwrap()));
}

#[test]
fn an_extra_port_is_open_on_the_public_internet_and_nowhere_else() {
    let policy = Policy {
        extra_ports: vec![8080],
        ..Policy::default()
    };
    for (url, want) in [
        ("http://example.com:8080/", "ok"),
        ("http://8.8.8.8:8080/", "ok"),
        ("http://example.com:8081/", "port 8081"),
        ("http://127.0.0.1:8080/", "loopback"),
    ] {
        assert_eq!(verdict(&policy, url), want, "{url}");
    }
}

#[test]
fn an_allowed_network_opens_itself_and_nothing_beside_it() {
    let policy = Policy::allowing(vec!["127.0.0.1/32".parse().unwrap()]);
    for (url, want) in [
        ("http://127.0.0.1:6379/", "ok"),
        ("http://[::ffff:127.0.0.1]:6379/", "ok"),
        ("http://127.0.0.1:0/", "port 0"),
        ("http://127.0.0.2/", "loopback"),
        ("http://[::1]/", "loopback"),
        ("http://10.0.0.1/", "a private network"),
        ("http://8.8.8.8:6379/", "port 6379"),
        // Names of an own network may now be looked up; what they resolve to is judged then.
        ("http://localhost:6379/", "ok"),
        ("http://blog.test:6379/", "ok"),
        ("http://intranet/", "ok"),
        ("http://example.com:6379/", "ok"),
        ("http://example.com:0/", "port 0"),
        ("http://router.home.arpa/", "ok"),
        ("http://ipv4only.arpa/", "name"),
        ("http://a.onion/", "name"),
        ("http://a.invalid/", "name"),
        ("file:///etc/passwd", "scheme"),
        ("http://u@127.0.0.1/", "userinfo"),
    ] {
        assert_eq!(verdict(&policy, url), want, "{url}");
    }
    let endpoint = |text: &str| policy.check_endpoint(text.parse().unwrap());
    assert_eq!(endpoint("127.0.0.1:6379"), Ok(()));
    assert_eq!(endpoint("8.8.8.8:443"), Ok(()));
    assert_eq!(endpoint("8.8.8.8:6379"), Err(Refused::Port(6379)));
}
