//! Name servers of strangers: answers that change, that lead inward, that are nonsense. The resolver is the
//! real one; the server it asks is ours.

use std::sync::Arc;
use std::time::Duration;

use linkback::fetch::client::{Client, Options};
use linkback::fetch::limits::Limits;
use linkback::fetch::resolve::{NameServers, Resolver};

use crate::name_server::{
    A, AAAA, CNAME, NXDOMAIN, NameServer, OK, Question, Record, Reply, SERVFAIL, TXT, address,
    alias, record,
};
use crate::stub_site::{StubSite, ok, redirect};
use crate::support::{FixedClock, came_of, fetch_with, only_127_0_0_1};

const OUT: &str = "127.0.0.1";
const IN: &str = "127.0.0.2";
const NAME: &str = "rebind.example";

const PAGE: &str = "page of 5 bytes";
const LOOPBACK: &str = "refused: address 127.0.0.2 is not public: loopback";
const NO_NAME: &str = "host name does not resolve: ";
const NOBODY: &str = "timed out: connecting";

fn client(server: &NameServer) -> Client {
    let options = Options {
        policy: only_127_0_0_1(),
        limits: Limits {
            connect_timeout: Duration::from_secs(3),
            ..Limits::default()
        },
        ..Options::default()
    };
    let resolver: Arc<dyn Resolver> = Arc::new(NameServers::at(&[server.address]).unwrap());
    Client::new(options, &resolver, Arc::new(FixedClock)).unwrap()
}

fn records(records: Vec<Record>) -> Reply {
    Reply::Records(OK, records)
}

/// Those of `records` that were asked for, or that stand for another name.
fn fitting(question: &Question, all: &[Record]) -> Reply {
    let fits = |record: &&Record| [question.kind, CNAME].contains(&record.kind());
    records(all.iter().filter(fits).cloned().collect())
}

type Answers = Box<dyn Fn(&Question) -> Reply + Send>;

fn always(all: Vec<Record>) -> Answers {
    Box::new(move |question| fitting(question, &all))
}

fn chain(length: usize, end: &str) -> Answers {
    let link = |n: usize| format!("{n}.rebind.example");
    let mut all = vec![alias(NAME, &link(0))];
    all.extend((1..length).map(|n| alias(&link(n - 1), &link(n))));
    all.push(address(&link(length - 1), end));
    always(all)
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table is as long as it is")]
async fn no_answer_of_a_name_server_leads_inward() {
    let both = |first, second| always(vec![address(NAME, first), address(NAME, second)]);
    let says = |reply: Reply| -> Answers { Box::new(move |_| reply.clone()) };
    let many = (0..240).map(|n| address(NAME, &format!("127.0.1.{n}")));
    let many: Vec<_> = many.chain([address(NAME, OUT)]).collect();
    let pointer = [
        &[0, 0, 0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0][..],
        &[0xc0, 12].repeat(20),
    ]
    .concat();
    let rows: Vec<(&str, Answers, &str)> = vec![
        ("an address outside", always(vec![address(NAME, OUT)]), PAGE),
        (
            "an address inside",
            always(vec![address(NAME, IN)]),
            LOOPBACK,
        ),
        ("outside, then inside", both(OUT, IN), PAGE),
        ("inside, then outside", both(IN, OUT), PAGE),
        ("outside, and inside in IPv6", both(OUT, "::1"), PAGE),
        (
            "outside, and inside in IPv6 clothes",
            both(OUT, "::ffff:127.0.0.2"),
            PAGE,
        ),
        (
            "inside, and outside in IPv6 clothes",
            both(IN, "::ffff:127.0.0.1"),
            PAGE,
        ),
        (
            "inside in IPv6 alone",
            always(vec![address(NAME, "::1")]),
            "refused: address ::1",
        ),
        (
            "an unspecified address",
            always(vec![address(NAME, "0.0.0.0")]),
            "refused: address 0.0.0.0",
        ),
        (
            "the metadata of a cloud",
            always(vec![address(NAME, "169.254.169.254")]),
            "refused: address 169",
        ),
        ("an alias that leads outside", chain(3, OUT), PAGE),
        ("an alias that leads inside", chain(3, IN), LOOPBACK),
        // The hosts file says what this is, and the address that it says is one that we may call here.
        (
            "an alias of this machine",
            always(vec![alias(NAME, "localhost")]),
            PAGE,
        ),
        (
            "an alias of an address",
            always(vec![alias(NAME, IN)]),
            NO_NAME,
        ),
        (
            "an alias of itself",
            always(vec![alias(NAME, NAME)]),
            NO_NAME,
        ),
        (
            "two aliases of each other",
            Box::new(|question| {
                let (from, to) = if question.name == NAME {
                    (NAME, "b.example")
                } else {
                    ("b.example", NAME)
                };
                records(vec![alias(from, to)])
            }),
            NO_NAME,
        ),
        (
            "aliases without end",
            Box::new(|question| {
                records(vec![alias(&question.name, &format!("a{}", question.name))])
            }),
            NO_NAME,
        ),
        (
            "a name in capitals",
            Box::new(|question| fitting(question, &[address("ReBind.EXAMPLE", OUT)])),
            PAGE,
        ),
        (
            "an answer about another name",
            always(vec![address("other.example", OUT)]),
            NO_NAME,
        ),
        (
            "no such name",
            says(Reply::Records(NXDOMAIN, Vec::new())),
            NO_NAME,
        ),
        (
            "a server that is at a loss",
            says(Reply::Records(SERVFAIL, Vec::new())),
            NO_NAME,
        ),
        ("nothing under the name", says(records(Vec::new())), NO_NAME),
        (
            "words under the name",
            says(records(vec![record(NAME, TXT, b"\x04text")])),
            NO_NAME,
        ),
        (
            "an address of three bytes",
            says(records(vec![record(NAME, A, &[127, 0, 0])])),
            NO_NAME,
        ),
        (
            "an address of 16 bytes where 4 are due",
            says(records(vec![record(NAME, A, &[1; 16])])),
            NO_NAME,
        ),
        (
            "an address of 4 bytes where 16 are due",
            says(records(vec![record(NAME, AAAA, &[1; 4])])),
            NO_NAME,
        ),
        (
            "241 addresses, one of them outside",
            always(many.clone()),
            NO_NAME,
        ),
        (
            "more over TCP, where nobody is",
            Box::new(move |question| match fitting(question, &many) {
                Reply::Records(_, some) => Reply::Truncated(some),
                other => other,
            }),
            NO_NAME,
        ),
        (
            "an answer to another question",
            Box::new(|question| match fitting(question, &[address(NAME, OUT)]) {
                Reply::Records(_, some) => Reply::OtherNumber(some),
                other => other,
            }),
            NOBODY,
        ),
        ("silence", says(Reply::Silence), NOBODY),
        ("noise", says(Reply::Raw(vec![0xa5; 100])), NOBODY),
        ("an empty packet", says(Reply::Raw(Vec::new())), NOBODY),
        (
            "a name that points at itself",
            Box::new(move |question| {
                let mut bytes = pointer.clone();
                bytes[..2].copy_from_slice(&question.bytes[..2]);
                Reply::Raw(bytes)
            }),
            NO_NAME,
        ),
    ];
    let (site, trap) = StubSite::with_trap(|_| ok("text/html", b"hello"));
    let fetches: Vec<_> = rows
        .into_iter()
        .map(|(name, answers, want)| {
            let server = NameServer::start(answers);
            let client = client(&server);
            let url = site.url_as(NAME, "/");
            let fetch = tokio::spawn(async move {
                let came = came_of(fetch_with(&client, &url).await);
                drop(server);
                came
            });
            (name, want, fetch)
        })
        .collect();
    let mut wrong = Vec::new();
    for (name, want, fetch) in fetches {
        let came = fetch.await.unwrap();
        if !came.starts_with(want) {
            wrong.push(format!("{name}: {came}\n    but should be: {want}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(trap.requests(), Vec::<String>::new());
}

/// A server whose first answer leads outside, and every other one inside.
fn rebinding() -> NameServer {
    NameServer::start(|question| {
        let now = if question.nth == 0 { OUT } else { IN };
        fitting(question, &[address(NAME, now)])
    })
}

#[tokio::test]
async fn an_answer_that_changes_is_asked_for_once_and_dialled_as_it_was_judged() {
    let (site, trap) = StubSite::with_trap(|_| ok("text/html", b"hello"));
    let server = rebinding();
    let fetched = fetch_with(&client(&server), &site.url_as(NAME, "/")).await;
    assert_eq!(fetched.hops[0].address, Some(site.address()));
    assert_eq!(came_of(fetched), PAGE);
    assert_eq!(server.questions(NAME), 1);
    assert_eq!(trap.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_that_changes_between_hops_is_refused_at_the_second() {
    let (site, trap) = StubSite::with_trap(|path| match path {
        "/" => redirect(302, "/again"),
        _ => ok("text/html", b"hello"),
    });
    let server = rebinding();
    let fetched = fetch_with(&client(&server), &site.url_as(NAME, "/")).await;
    assert_eq!(fetched.hops[0].address, Some(site.address()));
    assert_eq!(fetched.hops[1].address, None);
    assert_eq!(came_of(fetched), LOOPBACK);
    assert_eq!(server.questions(NAME), 2);
    assert_eq!(trap.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_that_changes_between_fetches_is_refused_at_the_second() {
    let (site, trap) = StubSite::with_trap(|_| ok("text/html", b"hello"));
    let server = rebinding();
    let client = client(&server);
    let url = site.url_as(NAME, "/");
    assert_eq!(came_of(fetch_with(&client, &url).await), PAGE);
    assert_eq!(came_of(fetch_with(&client, &url).await), LOOPBACK);
    assert_eq!(trap.requests(), Vec::<String>::new());
}
