//! The published schemas hold what is written and refuse what is not.

use serde_json::{Value, json};

use super::{CONFIG, Place, read};

/// Whether `value` fits `schema`: as much of JSON Schema as the published ones use.
fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    if let Some(reference) = schema.get("$ref") {
        let pointer = reference.as_str().unwrap().trim_start_matches('#');
        if !fits(root, root.pointer(pointer).unwrap(), value) {
            return false;
        }
    }
    let choices = |key: &str| schema.get(key).map(|list| list.as_array().unwrap());
    let count = |list: &Vec<Value>| list.iter().filter(|one| fits(root, one, value)).count();
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type {other}"),
    };
    let of_type = match schema.get("type") {
        None => true,
        Some(Value::String(name)) => is(name),
        Some(names) => names
            .as_array()
            .unwrap()
            .iter()
            .any(|name| is(name.as_str().unwrap())),
    };
    of_type
        && choices("anyOf").is_none_or(|list| count(list) > 0)
        && choices("oneOf").is_none_or(|list| count(list) == 1)
        && choices("enum").is_none_or(|list| list.contains(value))
        && schema.get("const").is_none_or(|only| only == value)
        && value
            .as_f64()
            .is_none_or(|value| number("minimum").is_none_or(|low| value >= low))
        && value.as_array().is_none_or(|list| {
            let items = schema.get("items");
            let length = list.len() as f64;
            items.is_none_or(|items| list.iter().all(|item| fits(root, items, item)))
                && number("minItems").is_none_or(|low| length >= low)
                && number("maxItems").is_none_or(|high| length <= high)
        })
        && value.as_object().is_none_or(|object| {
            let properties = schema.get("properties").and_then(Value::as_object);
            let required = choices("required").map_or(&[][..], Vec::as_slice);
            let known = |name: &String| properties.and_then(|properties| properties.get(name));
            required
                .iter()
                .all(|name| object.contains_key(name.as_str().unwrap()))
                && object.iter().all(|(name, value)| match known(name) {
                    Some(property) => fits(root, property, value),
                    None => schema.get("additionalProperties") != Some(&json!(false)),
                })
        })
}

fn published(place: &Place, name: &str) -> Value {
    serde_json::from_slice(&place.run(&["schema", name]).stdout).unwrap()
}

#[test]
fn configurations_fit_exactly_when_they_are_accepted() {
    let place = Place::new(CONFIG);
    let schema = published(&place, "sweep");
    let config = |text: &str| fits(&schema, &schema, &serde_json::from_str(text).unwrap());
    assert!(config(CONFIG) && config("{}"));
    for text in [
        r#"{"neurons": 3}"#,
        r#"{"neurons": []}"#,
        r#"{"neuron": [3]}"#,
        r#"{"gain": ["1"]}"#,
        r#"{"asymmetry": {"from": 0, "to": 1}}"#,
        r#"{"asymmetry": {"from": 0, "to": 1, "count": 0}}"#,
        r#"{"seeds": {"from": 0, "to": 1, "count": 2}}"#,
        r#"{"estimator": ["centered"]}"#,
        r#"{"bias": [1]}"#,
    ] {
        assert!(!config(text), "{text}");
    }
    // what the program writes down with all defaults filled in names every field
    place.sweep("out", &[]);
    let written: Value = serde_json::from_slice(&read(&place.path("out/sweep.json"))).unwrap();
    assert!(fits(&schema, &schema, &written["config"]));
    let mut properties = schema["properties"].as_object().unwrap().clone();
    // those of a sweep over a problem are left out elsewhere
    for field in ["problem", "problem_sha256", "vary", "changes"] {
        assert!(properties.shift_remove(field).unwrap()["description"].is_string());
    }
    let properties = &properties;
    let names =
        |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(properties),
        names(written["config"].as_object().unwrap())
    );
    assert!(
        properties
            .values()
            .all(|property| property["description"].is_string())
    );
}

#[test]
fn records_fit_their_schema() {
    let place = Place::new(&CONFIG.replace("[4]", "[4], \"gain\": [0.5, 5]"));
    let schema = published(&place, "sweep_record");
    place.sweep("out", &[]);
    let text = String::from_utf8(read(&place.path("out/records.jsonl"))).unwrap();
    for line in text.lines() {
        let mut record: Value = serde_json::from_str(line).unwrap();
        assert!(fits(&schema, &schema, &record), "{line}");
        record["outcome"] = "lost".into();
        assert!(!fits(&schema, &schema, &record));
    }
}

#[test]
fn the_reference_problems_fit_the_schema_of_problems() {
    let place = Place::new("");
    let schema = published(&place, "problem");
    let mut problems = 0;
    for entry in std::fs::read_dir(crate::support::reference("problems")).unwrap() {
        let mut problem = crate::support::read_json(&entry.unwrap().path());
        assert!(fits(&schema, &schema, &problem));
        problem["network"]["wieghts"] = json!([[1.0]]);
        assert!(!fits(&schema, &schema, &problem));
        problems += 1;
    }
    assert!(problems > 5);
}
