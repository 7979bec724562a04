//! What every store must do with tokens.

use super::*;

pub(super) async fn a_token_reads_for_its_site_until_it_is_removed(store: &dyn Store) {
    let one = site(store).await;
    let two = store
        .add_site(&[base("two.example")], NOW)
        .await
        .unwrap()
        .id;
    let mut tokens = Vec::new();
    for (host, name) in [
        ("blog.example", "eleventy"),
        ("two.example", ""),
        ("blog.example", ""),
    ] {
        let token = store.add_token(&base(host), name, NOW).await.unwrap();
        tokens.push(token.unwrap());
    }
    let none = store.add_token(&base("none.example"), "", NOW).await;
    assert_eq!(none.unwrap(), None);
    for (token, site) in tokens.iter().zip([one, two, one]) {
        assert_eq!(token.len(), 43);
        assert_eq!(store.site_of_token(token).await.unwrap(), Some(site));
    }
    let listed = store.tokens().await.unwrap();
    assert_eq!(listed.len(), 3);
    assert_eq!((listed[0].site, listed[0].name.as_str()), (one, "eleventy"));
    assert_eq!(listed[0].created_at, NOW);
    assert!(store.remove_token(listed[0].id).await.unwrap());
    assert!(!store.remove_token(listed[0].id).await.unwrap());
    assert_eq!(store.site_of_token(&tokens[0]).await.unwrap(), None);
    store.remove_site(&base("two.example")).await.unwrap();
    assert_eq!(store.site_of_token(&tokens[1]).await.unwrap(), None);
    assert_eq!(store.site_of_token(&tokens[2]).await.unwrap(), Some(one));
}

pub(super) async fn a_token_that_is_nearly_right_is_none(store: &dyn Store) {
    site(store).await;
    let token = store.add_token(&base("blog.example"), "", NOW).await;
    let token = token.unwrap().unwrap();
    // Another token with the first bytes of this one, one that is too short, and one too long.
    let changed = |(n, c)| match (n, c) {
        (20, 'A') => 'B',
        (20, _) => 'A',
        (_, c) => c,
    };
    let other: String = token.chars().enumerate().map(changed).collect();
    let cut: String = token.chars().take(42).collect();
    for wrong in [other, cut, format!("{token}A"), String::new()] {
        assert_eq!(store.site_of_token(&wrong).await.unwrap(), None, "{wrong}");
    }
}
