//! PATCH (RFC 7644 3.5.2): operations applied to a resource, one after the other; the first that fails fails all.

use serde_json::{Map, Value, json};

use super::filter::{Filter, Place};
use super::schema::{Attribute, Kind, Mutability, Plurality, named};
use super::write::complete;
use super::{PatchPath, Refusal, ResourceType, Surface};

/// The schema that a PATCH body names.
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Add,
    Remove,
    Replace,
}

/// Where an operation does it.
struct Target {
    place: Place,
    /// Which elements of a multi-valued attribute.
    elements: Option<Filter>,
}

/// A resource after a PATCH.
pub fn patched(
    surface: &Surface,
    resource_type: &ResourceType,
    old: &Map<String, Value>,
    body: &Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let field = |fields: &Map<String, Value>, name: &str| {
        fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    };
    let named = field(body, "schemas").is_some_and(|s| s.as_array().is_some_and(|s| s.contains(&json!(PATCH_OP))));
    if !named {
        return Err(Refusal::syntax(format!("schemas must contain {PATCH_OP}.")));
    }
    let Some(Value::Array(operations)) = field(body, "Operations") else {
        return Err(Refusal::syntax("Operations must be a list."));
    };
    let mut new = old.clone();
    for operation in &operations {
        let fields = operation.as_object().ok_or_else(|| Refusal::syntax("An operation must be an object."))?;
        let word = field(fields, "op").and_then(|op| op.as_str().map(str::to_ascii_lowercase)).unwrap_or_default();
        let op = match word.as_str() {
            "add" => Operation::Add,
            "remove" => Operation::Remove,
            "replace" => Operation::Replace,
            _ => return Err(Refusal::syntax("op must be Add, Remove or Replace.")),
        };
        let value = field(fields, "value").filter(|v| !v.is_null());
        match (field(fields, "path"), surface.patch_path) {
            (Some(Value::String(path)), _) => {
                apply(&mut new, op, &target(surface, resource_type, &path)?, value.as_ref())?;
            }
            (Some(_), _) => return Err(Refusal::path("path must be a text.")),
            (None, _) if op == Operation::Remove => return Err(Refusal::target("Remove wants a path.")),
            (None, PatchPath::Required) => return Err(Refusal::path("path is required.")),
            (None, PatchPath::Optional) => {
                let Some(Value::Object(values)) = value else {
                    return Err(Refusal::value("Without a path the value must be an object."));
                };
                for (path, value) in &values {
                    // What is unknown is ignored, as in a POST.
                    if let Some(place) = Place::read(resource_type, path) {
                        apply(&mut new, op, &Target { place, elements: None }, Some(value))?;
                    }
                }
            }
        }
    }
    complete(resource_type, &new)?;
    Ok(new)
}

/// Reads `members[value eq "1"].display`, `name.givenName`, `urn:…:User:department`.
fn target(surface: &Surface, resource_type: &ResourceType, path: &str) -> Result<Target, Refusal> {
    let unknown = || Refusal::path(format!("There is no attribute {path}."));
    let Some((before, rest)) = path.split_once('[') else {
        return Ok(Target { place: Place::read(resource_type, path).ok_or_else(unknown)?, elements: None });
    };
    let (inside, after) = rest.rsplit_once(']').ok_or_else(unknown)?;
    let mut place = Place::read(resource_type, before).ok_or_else(unknown)?;
    let attribute = place.attribute.filter(|a| a.plurality == Plurality::Many).ok_or_else(unknown)?;
    if let Some(sub) = after.strip_prefix('.') {
        place.sub = Some(named(attribute.sub_attributes(), sub).ok_or_else(unknown)?);
    }
    Ok(Target { place, elements: Some(Filter::of_element(inside, attribute, &surface.filters)?) })
}

fn apply(
    resource: &mut Map<String, Value>,
    op: Operation,
    target: &Target,
    value: Option<&Value>,
) -> Result<(), Refusal> {
    let Target { place, elements } = target;
    let wanted = || value.ok_or_else(|| Refusal::value("A value is required."));
    let Some(attribute) = place.attribute else {
        return apply_to_extension(resource, op, place, value);
    };
    check_mutable(attribute, place.holder(resource), value)?;
    let holder = match place.extension {
        None => &mut *resource,
        Some(schema) => object(resource.entry(schema.id).or_insert_with(|| json!({}))),
    };
    match (op, elements, place.sub) {
        (Operation::Remove, None, None) => remove_all_or_listed(holder, attribute, value),
        (_, Some(elements), _) => change_elements(holder, op, attribute, elements, place.sub, value)?,
        (_, None, Some(sub)) => change_part(holder, op, attribute, sub, value)?,
        (_, None, None) => set(holder, op, attribute, &attribute.coerce(wanted()?)?),
    }
    if let Some(schema) = place.extension
        && resource.get(schema.id).and_then(Value::as_object).is_some_and(Map::is_empty)
    {
        resource.shift_remove(schema.id);
    }
    one_primary(resource, attribute, place);
    Ok(())
}

/// The extension as a whole is the target.
fn apply_to_extension(
    resource: &mut Map<String, Value>,
    op: Operation,
    place: &Place,
    value: Option<&Value>,
) -> Result<(), Refusal> {
    let schema = place.extension.expect("a place without an attribute is an extension");
    if op == Operation::Remove {
        resource.shift_remove(schema.id);
        return Ok(());
    }
    let fields = value.and_then(Value::as_object).ok_or_else(|| Refusal::value("The value must be an object."))?;
    for (name, value) in fields {
        if let Some(attribute) = named(schema.attributes, name) {
            let place = Place { attribute: Some(attribute), ..*place };
            apply(resource, op, &Target { place, elements: None }, Some(value))?;
        }
    }
    Ok(())
}

fn check_mutable(
    attribute: &Attribute,
    holder: Option<&Map<String, Value>>,
    value: Option<&Value>,
) -> Result<(), Refusal> {
    let present = holder.and_then(|h| h.get(attribute.name));
    match attribute.mutability {
        Mutability::ReadWrite => Ok(()),
        Mutability::Immutable if present.is_none() || present == value => Ok(()),
        Mutability::Immutable | Mutability::ReadOnly => {
            Err(Refusal::mutability(format!("Attribute {} cannot be changed.", attribute.name)))
        }
    }
}

/// `remove` of a whole attribute; of a multi-valued one with a value, of the values listed (Entra ID does so).
fn remove_all_or_listed(holder: &mut Map<String, Value>, attribute: &Attribute, value: Option<&Value>) {
    let listed = value.filter(|_| attribute.plurality == Plurality::Many).and_then(|v| attribute.coerce(v).ok());
    match (listed, holder.get_mut(attribute.name)) {
        (Some(Value::Array(listed)), Some(Value::Array(present))) => {
            present.retain(|p| !listed.iter().any(|l| same(attribute, l, p)));
        }
        _ => drop(holder.shift_remove(attribute.name)),
    }
}

fn change_elements(
    holder: &mut Map<String, Value>,
    op: Operation,
    attribute: &'static Attribute,
    elements: &Filter,
    sub: Option<&'static Attribute>,
    value: Option<&Value>,
) -> Result<(), Refusal> {
    let list = list(holder, attribute);
    let matches = |element: &Value| element.as_object().is_some_and(|e| elements.matches(e));
    if op == Operation::Remove {
        match sub {
            None => list.retain(|element| !matches(element)),
            Some(sub) => list.iter_mut().filter(|e| matches(e)).for_each(|e| drop(object(e).shift_remove(sub.name))),
        }
        return Ok(());
    }
    let value = value.ok_or_else(|| Refusal::value("A value is required."))?;
    let fields = match sub {
        Some(sub) => Map::from_iter([(sub.name.to_owned(), sub.coerce(value)?)]),
        None => object(&mut attribute.coerce_one(value)?).clone(),
    };
    if !list.iter().any(matches) {
        if op == Operation::Replace {
            return Err(Refusal::target("No element matches the path."));
        }
        list.push(Value::Object(elements.described()));
    }
    for element in list.iter_mut().filter(|e| matches(e)) {
        object(element).extend(fields.clone());
    }
    Ok(())
}

/// A part of a complex attribute; without a filter, of all its elements.
fn change_part(
    holder: &mut Map<String, Value>,
    op: Operation,
    attribute: &Attribute,
    sub: &Attribute,
    value: Option<&Value>,
) -> Result<(), Refusal> {
    let value = match op {
        Operation::Remove => None,
        _ => Some(sub.coerce(value.ok_or_else(|| Refusal::value("A value is required."))?)?),
    };
    let change = |element: &mut Value| match &value {
        Some(value) => drop(object(element).insert(sub.name.to_owned(), value.clone())),
        None => drop(object(element).shift_remove(sub.name)),
    };
    match attribute.plurality {
        Plurality::One => {
            let whole = holder.entry(attribute.name).or_insert_with(|| json!({}));
            change(whole);
            if object(whole).is_empty() {
                holder.shift_remove(attribute.name);
            }
        }
        Plurality::Many => {
            let list = list(holder, attribute);
            if list.is_empty() && value.is_some() {
                list.push(json!({}));
            }
            list.iter_mut().for_each(change);
        }
    }
    Ok(())
}

/// `add` or `replace` of a whole attribute with a coerced value.
fn set(holder: &mut Map<String, Value>, op: Operation, attribute: &Attribute, value: &Value) {
    match (op, attribute.plurality, attribute.kind, value) {
        (Operation::Add, Plurality::Many, _, Value::Array(values)) => {
            let list = list(holder, attribute);
            for value in values {
                match list.iter_mut().find(|present| same(attribute, value, present)) {
                    None => list.push(value.clone()),
                    Some(present) => {
                        if let (Value::Object(present), Value::Object(more)) = (present, value) {
                            present.extend(more.clone());
                        }
                    }
                }
            }
        }
        (_, Plurality::One, Kind::Complex(_), Value::Object(fields)) => {
            object(holder.entry(attribute.name).or_insert_with(|| json!({}))).extend(fields.clone());
        }
        _ => drop(holder.insert(attribute.name.to_owned(), value.clone())),
    }
}

/// Whether two elements are the same: by their `value`, where they have one.
fn same(attribute: &Attribute, a: &Value, b: &Value) -> bool {
    let by_value = named(attribute.sub_attributes(), "value").is_some() && a.get("value").is_some();
    if by_value { a.get("value") == b.get("value") } else { a == b }
}

/// At most one element is the primary one: the last that was said to be.
fn one_primary(resource: &mut Map<String, Value>, attribute: &Attribute, place: &Place) {
    if place.extension.is_some() || named(attribute.sub_attributes(), "primary").is_none() {
        return;
    }
    let Some(Value::Array(list)) = resource.get_mut(attribute.name) else { return };
    let primary = |element: &Value| element.get("primary") == Some(&json!(true));
    let last = list.iter().rposition(primary);
    for (n, element) in list.iter_mut().enumerate() {
        if primary(element) && Some(n) != last {
            element["primary"] = json!(false);
        }
    }
}

fn list<'a>(holder: &'a mut Map<String, Value>, attribute: &Attribute) -> &'a mut Vec<Value> {
    let value = holder.entry(attribute.name).or_insert_with(|| json!([]));
    if !value.is_array() {
        *value = json!([value.take()]);
    }
    value.as_array_mut().expect("made one a line above")
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("made one a line above")
}
