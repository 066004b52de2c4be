//! Holds the arrows between falx's parts: which module may name which.

use std::fs;
use std::path::{Path, PathBuf};

/// Each part, and the parts it may name. Every part may name itself.
const ARROWS: &[(&str, &[&str])] = &[
    ("sync", &[]),
    ("error", &[]),
    ("geometry", &[]),
    ("platform", &["error", "geometry"]),
    ("kernel", &["error", "geometry", "platform"]),
    ("plan", &["error", "geometry", "platform", "kernel"]),
    ("backend", &["error", "geometry", "platform", "kernel"]),
    ("execute", &["sync", "error", "geometry", "platform", "kernel", "plan", "backend", "trace"]),
    ("runtime", &["sync", "error", "geometry", "platform", "kernel", "plan", "execute", "trace"]),
    ("memory", &["error", "geometry", "platform", "kernel", "plan", "execute", "runtime", "trace"]),
    (
        "queue",
        &["sync", "error", "geometry", "platform", "kernel", "plan", "execute", "runtime", "trace", "memory"],
    ),
    ("interop", &["error", "geometry", "platform", "plan", "execute", "runtime", "memory", "queue"]),
    ("algorithm", &["error", "geometry", "platform", "kernel", "execute", "memory", "queue"]),
    ("num", &["kernel", "memory"]),
    ("trace", &["error", "geometry", "platform", "kernel", "plan"]),
];

/// What is named against the arrows: the file, the part it names, and why that is right.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("src/runtime.rs", "backend", "makes the runtime over the devices that the backends find"),
    ("src/memory/buffer.rs", "queue", "accessors are made from the handler"),
    ("src/memory/scope.rs", "queue", "accessors are made from the handler"),
    ("src/memory/accessible.rs", "queue", "accessors are made from the handler"),
    ("src/memory/usm/slice.rs", "queue", "accessors are made from the handler"),
    ("src/algorithm/mod.rs", "backend", "says what to sum as the value that the lane gets; calls no lane"),
    ("src/trace/files.rs", "backend", "writes a `Profile`, a plain value; calls no lane"),
    ("src/kernel/vector/convert.rs", "num", "rounds numbers to halves as `num` does"),
    ("src/kernel/twin/sequence.rs", "num", "counts on as `num` does"),
    ("src/trace/mod.rs", "runtime", "asks how many driver calls were made"),
];

/// The files that may name the OpenCL bindings beside `src/backend/opencl`, and why.
const BINDINGS: &[(&str, &str)] = &[
    ("src/kernel/testing/device.rs", "runs kernels of the tests"),
    ("src/interop/owners.rs", "hands out owners of `opencl3`, which belong to the program; calls no driver"),
    (
        "src/interop/event.rs",
        "hands out an event of `opencl3`, which belongs to the program; calls no driver",
    ),
];

struct Source {
    /// With `/` between its parts.
    path: String,
    /// Without comments.
    code: String,
}

/// The code under `src`, without tests: these may name what they like.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the sources are beside the manifest") {
            let path = entry.expect("a folder's entries can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(read(root, path));
            }
        }
    }
    assert!(sources.len() > 50, "found only {} sources", sources.len());
    sources.retain(|source| !is_test(&source.path));
    sources
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| {
        matches!(part, "tests" | "testing" | "tests.rs" | "sample.rs") || part.ends_with("_tests.rs")
    })
}

fn read(root: &Path, path: PathBuf) -> Source {
    let text = fs::read_to_string(&path).expect("a source is text");
    // Unit tests come last in a file.
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let without_comment = |line: &str| line.split("//").next().unwrap_or_default().to_owned() + "\n";
    let relative = path.strip_prefix(root).expect("found under the root");
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    Source { path: parts.join("/"), code: code.lines().map(without_comment).collect() }
}

/// The part that a file belongs to; none for `lib.rs`, which joins all of them.
fn part_of(path: &str) -> Option<&str> {
    let part = path.strip_prefix("src/")?.split('/').next()?.trim_end_matches(".rs");
    (part != "lib").then_some(part)
}

/// Every part that the code names by `crate::part` or `crate::{part, ..}`.
fn named(code: &str) -> Vec<&str> {
    let name = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let mut found = Vec::new();
    for (position, _) in code.match_indices("crate::") {
        // Not a macro's `$crate`, which other crates' code becomes.
        let rest = &code[position + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => found.push(&rest[..name(rest)]),
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (position, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && depth == 0 && !c.is_whitespace() => {
                            found.push(&list[position..position + name(&list[position..])]);
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

#[test]
fn parts_name_only_those_below_them() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(part) = part_of(&source.path) else { continue };
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == part) else {
            wrong.push(format!("`{}` is of no part that ARROWS lists; add `{part}` to it", source.path));
            continue;
        };
        for name in named(&source.code) {
            let is_exception = EXCEPTIONS.iter().any(|(path, to, _)| *path == source.path && *to == name);
            if name != part && !allowed.contains(&name) && !is_exception {
                wrong.push(format!(
                    "`{}` names `crate::{name}`, but `{part}` may only name {allowed:?}; move what it needs down, hand it in \
                     from above, or list an exception with its reason",
                    source.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows point the wrong way:\n{}", wrong.join("\n"));
}

#[test]
fn every_exception_is_still_needed() {
    let sources = sources();
    for (path, to, reason) in EXCEPTIONS {
        let source = sources.iter().find(|source| source.path == *path);
        let needed = source.is_some_and(|source| named(&source.code).contains(to));
        assert!(needed, "`{path}` no longer names `{to}` ({reason}); take the exception out");
    }
}

#[test]
fn only_the_opencl_backend_names_the_opencl_bindings() {
    for source in sources() {
        let names_bindings =
            ["use opencl3", "use cl3", "cl3::"].iter().any(|name| source.code.contains(name));
        let may = source.path.starts_with("src/backend/opencl/")
            || BINDINGS.iter().any(|(path, _)| *path == source.path);
        assert!(may || !names_bindings, "`{}` names the OpenCL bindings; go through `backend`", source.path);
    }
}

#[test]
fn only_execute_and_the_backends_hand_work_to_lanes() {
    let calls = ["lane.launch(", "lane.copy(", "lane.fill(", "lane.sum(", "lane.allocate(", "lane.adopt("];
    for source in sources() {
        let may = ["src/execute/", "src/backend/"].iter().any(|part| source.path.starts_with(part));
        let call = calls.iter().find(|call| source.code.contains(**call));
        assert!(
            may || call.is_none(),
            "`{}` calls `{}..)`; only `execute` calls lanes",
            source.path,
            call.unwrap_or(&"")
        );
    }
}

#[test]
fn names_are_found_in_paths_and_lists() {
    assert_eq!(named("use crate::plan::{A, B};\ncrate::queue::C"), ["plan", "queue"]);
    assert_eq!(named("use crate::{plan::{A, B}, queue,\n  error::E};"), ["plan", "queue", "error"]);
}
