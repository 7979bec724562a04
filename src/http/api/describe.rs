//! The description of `/api/v1`: an `OpenAPI` 3.1 document made of the tables that requests are held against
//! and of the types that answers are written from; and a page of it for people.

use askama::Template;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::json::{CountsJson, DeletedJson, MentionsJson};
use super::parameters::{
    DEFAULT_LIMIT, MAX_LIMIT, MAX_TARGETS, OF_COUNTS, OF_DELETED, OF_MENTIONS, OF_SUBMISSIONS,
    Parameter, Shape,
};
use super::problem::ProblemJson;
use super::submissions::SubmissionsJson;

/// A route and what it answers.
struct Operation {
    path: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    answer: &'static str,
    /// Whether it answers to a site's owner alone.
    is_for_owner: bool,
}

const OPERATIONS: [Operation; 4] = [
    Operation {
        path: "/api/v1/mentions",
        summary: "The mentions of pages, or of a whole site",
        parameters: OF_MENTIONS,
        answer: "MentionsJson",
        is_for_owner: false,
    },
    Operation {
        path: "/api/v1/counts",
        summary: "How many mentions there are, by kind",
        parameters: OF_COUNTS,
        answer: "CountsJson",
        is_for_owner: false,
    },
    Operation {
        path: "/api/v1/deleted",
        summary: "What was shown and is not any more",
        parameters: OF_DELETED,
        answer: "DeletedJson",
        is_for_owner: false,
    },
    Operation {
        path: "/api/v1/submissions",
        summary: "What was sent to a site, and what came of it: for its owner",
        parameters: OF_SUBMISSIONS,
        answer: "SubmissionsJson",
        is_for_owner: true,
    },
];

/// The `OpenAPI` document of the service at `server`.
pub(super) fn document(server: &str) -> Value {
    let mut schemas = Vec::new();
    add::<MentionsJson<'_>>(&mut schemas);
    add::<CountsJson<'_>>(&mut schemas);
    add::<DeletedJson<'_>>(&mut schemas);
    add::<SubmissionsJson<'_>>(&mut schemas);
    add::<ProblemJson>(&mut schemas);
    let schemas: Map<String, Value> = schemas.into_iter().collect();
    let paths: Map<String, Value> = OPERATIONS
        .iter()
        .map(|operation| (operation.path.to_owned(), path(operation)))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Linkback",
            "description": "Reads the mentions of pages. Everything that is shown is public, and any page's script may read it.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": server }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn add<T: ToSchema>(schemas: &mut Vec<(String, Value)>) {
    let mut parts = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut parts);
    for (name, schema) in parts {
        if let Ok(schema) = serde_json::to_value(schema) {
            schemas.push((name, schema));
        }
    }
}

fn path(operation: &Operation) -> Value {
    let parameters: Vec<_> = operation.parameters.iter().map(parameter).collect();
    let problem = |description: &str| {
        json!({
            "description": description,
            "content": { "application/problem+json": {
                "schema": { "$ref": "#/components/schemas/ProblemJson" },
            } },
        })
    };
    let answer = format!("#/components/schemas/{}", operation.answer);
    if operation.is_for_owner {
        return json!({ "get": {
            "summary": operation.summary,
            "operationId": operation.path.rsplit('/').next(),
            "parameters": parameters,
            "security": [{ "token": [] }, {}],
            "responses": {
                "200": {
                    "description": "As asked. No cache may keep it.",
                    "content": { "application/json": { "schema": { "$ref": answer } } },
                },
                "400": problem("A parameter is wrong or unknown; `parameter` names it."),
                "401": problem("There is no token, or it is none, or is one no longer."),
                "500": problem("Our fault."),
                "503": problem("Too busy; `Retry-After` says how long."),
            },
        } });
    }
    json!({ "get": {
        "summary": operation.summary,
        "operationId": operation.path.rsplit('/').next(),
        "parameters": parameters,
        "security": [{}, { "token": [] }],
        "responses": {
            "200": {
                "description": "As asked. A page that nothing is known of has no mentions.",
                "headers": { "ETag": {
                    "description": "Another one when anything has changed.",
                    "schema": { "type": "string" },
                } },
                "content": { "application/json": { "schema": { "$ref": answer } } },
            },
            "304": { "description": "Nothing has changed since the answer with the `ETag` of `If-None-Match`." },
            "400": problem("A parameter is wrong or unknown; `parameter` names it."),
            "401": problem("The token is none, or is one no longer."),
            "500": problem("Our fault."),
            "503": problem("Too busy; `Retry-After` says how long."),
        },
    } })
}

fn parameter(parameter: &Parameter) -> Value {
    let (schema, explode) = match parameter.shape {
        Shape::Urls => (
            json!({
                "type": "array", "maxItems": MAX_TARGETS,
                "items": { "type": "string", "format": "uri" },
            }),
            true,
        ),
        Shape::Url => (json!({ "type": "string", "format": "uri" }), false),
        Shape::Names(names) => (
            json!({ "type": "array", "items": { "type": "string", "enum": names } }),
            false,
        ),
        Shape::Host => (json!({ "type": "string", "format": "hostname" }), false),
        Shape::Text => (json!({ "type": "string" }), false),
        Shape::Name(names) => (
            json!({ "type": "string", "enum": names, "default": names.first() }),
            false,
        ),
        Shape::Time => (json!({ "type": "string", "format": "date-time" }), false),
        Shape::Limit => (
            json!({
                "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT,
            }),
            false,
        ),
    };
    json!({
        "name": parameter.name, "in": "query", "description": parameter.meaning,
        "style": "form", "explode": explode, "schema": schema,
    })
}

/// The description for people.
#[derive(Template)]
#[template(path = "api.html")]
pub(super) struct ApiPage<'a> {
    base: &'a str,
    operations: &'static [Operation],
}

impl<'a> ApiPage<'a> {
    /// The page of the service at `base`, which ends with `/`.
    pub(super) fn new(base: &'a str) -> Self {
        Self {
            base,
            operations: &OPERATIONS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_of_the_document_leads_somewhere() {
        let document = document("https://mentions.example");
        let text = document.to_string();
        let mut count = 0;
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let (path, _) = reference.split_once('"').unwrap();
            assert!(document.pointer(path).is_some(), "{path}");
            count += 1;
        }
        assert!(count > 10, "{count}");
    }
}
