//! The people of the gallery, and what they say.

use super::gallery::At;
use crate::model::{MentionKind, Protocol, Rsvp};

/// Somebody with a site.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who {
    /// Empty where the page does not say.
    pub(super) name: &'static str,
    pub(super) host: &'static str,
    pub(super) site: &'static str,
    /// The number of their picture; 0 if they have none.
    pub(super) face: u8,
}

/// What they say there. What is empty is not said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    pub(super) kind: MentionKind,
    pub(super) rsvp: Option<Rsvp>,
    /// Where on their site, if that matters.
    pub(super) path: &'static str,
    pub(super) at: At,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) excerpt: Option<[&'static str; 3]>,
    pub(super) language: &'static str,
    pub(super) protocol: Protocol,
    /// What the picture shows that goes with it.
    pub(super) photo: &'static str,
    /// Who, where, when, what.
    pub(super) comments: &'static [(Who, &'static str, At, &'static str)],
}

const fn who(name: &'static str, host: &'static str, site: &'static str) -> Who {
    Who {
        name,
        host,
        site,
        face: 0,
    }
}

const fn seen(face: u8, who: Who) -> Who {
    Who { face, ..who }
}

const HELEN: Who = seen(2, who("Helen Marsh", "helen.example", ""));
const SAM: Who = seen(7, who("Sam Okafor", "sam.example", ""));
const MIRIAM: Who = seen(1, who("Miriam Löw", "miriam.example", ""));
const JUERGEN: Who = seen(8, who("Jürgen Weiß", "donau.example", "Donaublatt"));
const AOIFE: Who = seen(4, who("Aoife Ní Bhriain", "aoife.example", ""));
const TOMAS: Who = who("Tomás Herrera", "tomas.example", "");
const PRIYA: Who = seen(5, who("Priya Raman", "priya.example", ""));
const LARS: Who = seen(6, who("Lars Nygård", "lars.example", ""));
const CHLOE: Who = who("Chloé Dupont", "chloe.example", "");
const BEN: Who = who("Ben Adler", "ben.example", "");
const NOOR: Who = who("Noor Hassan", "noor.example", "");
const IVAN: Who = who("Ivan Petrov", "ivan.example", "");
const MINA: Who = who("Mina Park", "mina.example", "Mina’s notebook");
const OLU: Who = seen(3, who("Oluwaseun Adeyemi", "olu.example", ""));
const GRETA: Who = who("Greta Lindqvist", "greta.example", "");
const YUKO: Who = who("田中 優子", "tanaka.example", "");
const LAYLA: Who = who("ليلى حداد", "daftar.example", "دفتر معلمة");
const DIMITRIS: Who = who("Δημήτρης Παππάς", "dimitris.example", "");

const SILENT: Said = Said {
    kind: MentionKind::Mention,
    rsvp: None,
    path: "",
    at: At::Never,
    title: "",
    text: "",
    excerpt: None,
    language: "en",
    protocol: Protocol::Webmention,
    photo: "",
    comments: &[],
};

const fn does(kind: MentionKind, hours: i64) -> Said {
    Said {
        kind,
        at: At::HoursAgo(hours),
        ..SILENT
    }
}

const fn reacts(emoji: &'static str, hours: i64) -> Said {
    Said {
        text: emoji,
        ..does(MentionKind::Reaction, hours)
    }
}

const fn answers(rsvp: Rsvp, hours: i64) -> Said {
    Said {
        rsvp: Some(rsvp),
        ..does(MentionKind::Rsvp, hours)
    }
}

const fn replies(text: &'static str, language: &'static str, hours: i64) -> Said {
    Said {
        text,
        language,
        ..does(MentionKind::Reply, hours)
    }
}

const fn links(day: &'static str, title: &'static str, excerpt: [&'static str; 3]) -> Said {
    Said {
        at: At::Day(day),
        title,
        excerpt: Some(excerpt),
        protocol: Protocol::Pingback,
        ..SILENT
    }
}

const LIKE: MentionKind = MentionKind::Like;
const REPOST: MentionKind = MentionKind::Repost;

/// Every kind of mention, the newest first.
pub(super) const EVERY_KIND: &[(Who, Said)] = &[
    (
        SAM,
        replies(
            "Exactly this. Mine is three people and a group chat, and I would not swap it for any course.",
            "en",
            3,
        ),
    ),
    (
        HELEN,
        Said {
            path: "/quote",
            comments: &[(
                MIRIAM,
                "/please",
                At::HoursAgo(5),
                "Please do! The second paragraph belongs to it, though.",
            )],
            ..replies(
                "“A network and not a help line” – may I quote that?",
                "en",
                20,
            )
        },
    ),
    (
        MIRIAM,
        Said {
            path: "/diary",
            comments: &[
                (
                    HELEN,
                    "/quote",
                    At::HoursAgo(20),
                    "“A network and not a help line” – may I quote that?",
                ),
                (
                    TOMAS,
                    "/same",
                    At::HoursAgo(18),
                    "Same here, only that it took me three years.",
                ),
            ],
            ..replies(
                "I kept such a diary, too, and for much longer than a month. What I found is that the questions I asked in public were better than the ones I asked in the staffroom, because I had to write down what I already knew.\n\nThe answers were better as well, but for another reason: nobody who answered had to sit beside me at the next meeting. People were kind, and they were blunt, and I could close the window when I had had enough of either.\n\nThe third thing is harder to say. After a year, I noticed that I was answering more than I asked. That was when I began to think of it as a network and not as a help line.",
                "en",
                26,
            )
        },
    ),
    (
        AOIFE,
        Said {
            photo: "Two ridges of hills below a low sun.",
            ..replies(
                "The view from our last meeting. No two of us work at the same school.",
                "en",
                30,
            )
        },
    ),
    (
        YUKO,
        replies(
            "とても共感しました。職員室の外に、もう一つの職員室があるような感じです。",
            "ja",
            24 * 9,
        ),
    ),
    (
        LAYLA,
        replies(
            "شكرا على هذه المقالة! كتبت ردا أطول في مدونتي.",
            "ar",
            24 * 3,
        ),
    ),
    (
        IVAN,
        Said {
            text: "I am on a train that day. Please record it!",
            ..answers(Rsvp::No, 30)
        },
    ),
    (BEN, answers(Rsvp::Yes, 31)),
    (CHLOE, answers(Rsvp::Yes, 40)),
    (NOOR, answers(Rsvp::Yes, 41)),
    (PRIYA, answers(Rsvp::Yes, 42)),
    (LARS, answers(Rsvp::Maybe, 44)),
    (OLU, answers(Rsvp::Maybe, 45)),
    (GRETA, answers(Rsvp::Interested, 46)),
    (MINA, reacts("🎉", 50)),
    (BEN, reacts("❤️", 51)),
    (LARS, reacts("🤔", 52)),
    (PRIYA, does(MentionKind::Bookmark, 60)),
    (JUERGEN, does(REPOST, 61)),
    (AOIFE, does(REPOST, 62)),
    (TOMAS, does(REPOST, 63)),
    (HELEN, does(LIKE, 70)),
    (SAM, does(LIKE, 71)),
    (MIRIAM, does(LIKE, 72)),
    (JUERGEN, does(LIKE, 73)),
    (AOIFE, does(LIKE, 74)),
    (YUKO, does(LIKE, 75)),
    (TOMAS, does(LIKE, 76)),
    (PRIYA, does(LIKE, 77)),
    (LARS, does(LIKE, 78)),
    (CHLOE, does(LIKE, 79)),
    (BEN, does(LIKE, 80)),
    (NOOR, does(LIKE, 81)),
    (LAYLA, does(LIKE, 82)),
    (DIMITRIS, does(LIKE, 83)),
    (MINA, does(LIKE, 84)),
    (OLU, does(LIKE, 85)),
    (
        MINA,
        Said {
            excerpt: Some([
                "“It is the same conversation ",
                "with a wider door",
                ".” I have this on a card above my desk now.",
            ]),
            ..does(MentionKind::Quotation, 24 * 12)
        },
    ),
    (
        BEN,
        Said {
            text: "On the bus, twice.",
            ..does(MentionKind::Listen, 24 * 20)
        },
    ),
    (GRETA, does(MentionKind::Invite, 24 * 21)),
    (
        LAYLA,
        Said {
            language: "ar",
            protocol: Protocol::Webmention,
            ..links(
                "2025-01-12",
                "لماذا نحتاج إلى شبكة تعلم شخصية؟",
                [
                    "قرأت اليوم مقالة عن ",
                    "شبكات التعلم الشخصية",
                    " وأعجبتني كثيرا، فهي تجيب عن سؤال يطرحه كل معلم جديد.",
                ],
            )
        },
    ),
    (
        JUERGEN,
        Said {
            language: "de",
            ..links(
                "2024-02-29",
                "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
                [
                    "Wer wissen will, wozu das gut sein soll, lese ",
                    "https://blog.example/what-is-a-personal-learning-network-for/and-where-does-it-end",
                    " – es lohnt sich.",
                ],
            )
        },
    ),
    (
        who("", "digitaldebate.example", "The Digital Debate"),
        links(
            "2011-06-20",
            "Is technology changing our view of what education should be and do?",
            [
                "…which is why ",
                "the personal learning network",
                " is not a tool but a habit, and why no school can buy one.",
            ],
        ),
    ),
    (
        who("", "batttuk.example", "batttuk"),
        links(
            "2011-06-02",
            "The 10 stages of Twitter",
            [
                "Stage seven: you stop counting followers and start to see ",
                "your network",
                " as the people whom you would ask for help.",
            ],
        ),
    ),
    (
        who("Jeff Thomas", "techtheplunge.example", "Tech the Plunge"),
        links(
            "2011-05-15",
            "70 EdTech Resources You May Have Missed – Treasure Chest May 15, 2011",
            [
                "…and for everyone who asks what all those hours online are for, Chalk and Cable ",
                "explains what a personal learning network is",
                ". I could not have put it better, and I have tried.",
            ],
        ),
    ),
    (
        who("", "www.old.example", ""),
        Said {
            excerpt: Some(["See also ", "this", "."]),
            protocol: Protocol::Pingback,
            ..SILENT
        },
    ),
];

/// Those who take turns among the thousand.
pub(super) const CROWD: &[(Who, Said)] = &[
    (HELEN, does(LIKE, 2)),
    (SAM, does(LIKE, 2)),
    (MIRIAM, does(LIKE, 2)),
    (
        NOOR,
        replies("I have sent this to the whole department.", "en", 2),
    ),
    (TOMAS, does(REPOST, 2)),
    (PRIYA, does(LIKE, 2)),
    (LARS, replies("Agreed, but who has the time?", "en", 2)),
    (
        who("", "batttuk.example", "batttuk"),
        links(
            "2011-06-02",
            "What I read this week",
            ["We have read ", "this article", " with pleasure."],
        ),
    ),
    (CHLOE, does(LIKE, 2)),
    (OLU, does(MentionKind::Bookmark, 2)),
];
