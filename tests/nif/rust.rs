//! A library as Rust's are: functions of the interface are looked up in the program when it is loaded, or (`--cfg linked`) left to the dynamic linker; objects of
//! Rust are resources; its threads send messages; a panic becomes an exception.
#![allow(non_camel_case_types)]
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicI64, AtomicPtr, Ordering};
use std::sync::Mutex;

type term = usize;
type native = unsafe extern "C" fn(*mut c_void, c_int, *const term) -> term;

#[repr(C)]
struct Function {
    name: *const c_char,
    arity: c_uint,
    pointer: native,
    flags: c_uint,
}
#[repr(C)]
pub struct Entry {
    major: c_int,
    minor: c_int,
    name: *const c_char,
    count: c_int,
    functions: *const Function,
    load: Option<unsafe extern "C" fn(*mut c_void, *mut *mut c_void, term) -> c_int>,
    reload: *const c_void,
    upgrade: *const c_void,
    unload: *const c_void,
    variant: *const c_char,
    options: c_uint,
    type_bytes: usize,
    min_erts: *const c_char,
}
#[repr(C)]
struct Callbacks {
    dtor: Option<unsafe extern "C" fn(*mut c_void, *mut c_void)>,
    stop: *const c_void,
    down: Option<unsafe extern "C" fn(*mut c_void, *mut c_void, *const term, *const [u8; 32])>,
    members: c_int,
    dyncall: *const c_void,
}
#[repr(C)]
struct Binary {
    size: usize,
    data: *mut u8,
    owner: *mut c_void,
    spare: [*mut c_void; 2],
}

/// Declares functions of the interface, as symbols or as what `look_up` has found.
macro_rules! interface {
    ($(fn $name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        #[cfg(linked)]
        extern "C" { $(fn $name($($argument: $kind),*) -> $result;)* }
        #[cfg(linked)]
        fn look_up() {}
        $(#[cfg(not(linked))]
        unsafe fn $name($($argument: $kind),*) -> $result {
            let function: unsafe extern "C" fn($($kind),*) -> $result = std::mem::transmute(found::$name.load(Ordering::Relaxed));
            function($($argument),*)
        })*
        #[cfg(not(linked))]
        #[allow(non_upper_case_globals)]
        mod found { $(pub static $name: super::AtomicPtr<super::c_void> = super::AtomicPtr::new(super::null_mut());)* }
        #[cfg(not(linked))]
        fn look_up() {
            extern "C" {
                fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
                fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
            }
            const NOW: c_int = 2;
            unsafe {
                let program = dlopen(null(), NOW);
                $(
                    let symbol = dlsym(program, concat!(stringify!($name), "\0").as_ptr().cast());
                    assert!(!symbol.is_null(), stringify!($name));
                    found::$name.store(symbol, Ordering::Relaxed);
                )*
            }
        }
    };
}

interface! {
    fn enif_make_atom_len(env: *mut c_void, name: *const c_char, length: usize) -> term;
    fn enif_make_badarg(env: *mut c_void) -> term;
    fn enif_raise_exception(env: *mut c_void, reason: term) -> term;
    fn enif_make_long(env: *mut c_void, value: i64) -> term;
    fn enif_get_long(env: *mut c_void, from: term, value: *mut i64) -> c_int;
    fn enif_make_tuple_from_array(env: *mut c_void, items: *const term, count: c_uint) -> term;
    fn enif_get_tuple(env: *mut c_void, from: term, arity: *mut c_int, items: *mut *const term) -> c_int;
    fn enif_make_list_from_array(env: *mut c_void, items: *const term, count: c_uint) -> term;
    fn enif_get_list_cell(env: *mut c_void, from: term, head: *mut term, tail: *mut term) -> c_int;
    fn enif_is_empty_list(env: *mut c_void, from: term) -> c_int;
    fn enif_map_iterator_create(env: *mut c_void, from: term, iterator: *mut [usize; 16], start: c_int) -> c_int;
    fn enif_map_iterator_get_pair(env: *mut c_void, iterator: *mut [usize; 16], key: *mut term, value: *mut term) -> c_int;
    fn enif_map_iterator_next(env: *mut c_void, iterator: *mut [usize; 16]) -> c_int;
    fn enif_map_iterator_destroy(env: *mut c_void, iterator: *mut [usize; 16]) -> ();
    fn enif_make_map_from_arrays(env: *mut c_void, keys: *const term, values: *const term, count: usize, map: *mut term) -> c_int;
    fn enif_inspect_binary(env: *mut c_void, from: term, binary: *mut Binary) -> c_int;
    fn enif_make_new_binary(env: *mut c_void, size: usize, made: *mut term) -> *mut u8;
    fn enif_thread_type() -> c_int;
    fn enif_self(env: *mut c_void, pid: *mut term) -> *mut term;
    fn enif_get_local_pid(env: *mut c_void, from: term, pid: *mut term) -> c_int;
    fn enif_alloc_env() -> *mut c_void;
    fn enif_free_env(env: *mut c_void) -> ();
    fn enif_make_copy(env: *mut c_void, from: term) -> term;
    fn enif_send(env: *mut c_void, to: *const term, message_env: *mut c_void, message: term) -> c_int;
    fn enif_init_resource_type(env: *mut c_void, name: *const c_char, init: *const Callbacks, flags: c_int, tried: *mut c_int) -> *mut c_void;
    fn enif_alloc_resource(kind: *mut c_void, size: usize) -> *mut c_void;
    fn enif_release_resource(object: *mut c_void) -> ();
    fn enif_make_resource(env: *mut c_void, object: *mut c_void) -> term;
    fn enif_get_resource(env: *mut c_void, from: term, kind: *mut c_void, object: *mut *mut c_void) -> c_int;
    fn enif_monitor_process(env: *mut c_void, object: *mut c_void, pid: *const term, monitor: *mut [u8; 32]) -> c_int;
}

/// What a resource is: memory of Rust, which goes when Rust drops it.
struct Counter {
    values: Mutex<Vec<i64>>,
    owner: term,
}
static LIVING: AtomicI64 = AtomicI64::new(0);
static KIND: AtomicPtr<c_void> = AtomicPtr::new(null_mut());

impl Drop for Counter {
    fn drop(&mut self) {
        LIVING.fetch_sub(1, Ordering::SeqCst);
    }
}

unsafe extern "C" fn destroyed(_: *mut c_void, object: *mut c_void) {
    std::ptr::drop_in_place(object.cast::<Counter>());
}

unsafe extern "C" fn down(env: *mut c_void, object: *mut c_void, pid: *const term, _: *const [u8; 32]) {
    let counter = &*object.cast::<Counter>();
    let message = enif_alloc_env();
    let items = [atom(message, "down"), enif_make_copy(message, *pid)];
    enif_send(env, &counter.owner, message, tuple(message, &items));
    enif_free_env(message);
}

unsafe fn atom(env: *mut c_void, name: &str) -> term {
    enif_make_atom_len(env, name.as_ptr().cast(), name.len())
}
unsafe fn tuple(env: *mut c_void, items: &[term]) -> term {
    enif_make_tuple_from_array(env, items.as_ptr(), items.len() as c_uint)
}
unsafe fn integer(env: *mut c_void, from: term) -> Option<i64> {
    let mut value = 0;
    (enif_get_long(env, from, &mut value) != 0).then_some(value)
}
unsafe fn list(env: *mut c_void, mut from: term) -> Option<Vec<term>> {
    let (mut items, mut head) = (Vec::new(), 0);
    while enif_get_list_cell(env, from, &mut head, &mut from) != 0 {
        items.push(head);
    }
    (enif_is_empty_list(env, from) != 0).then_some(items)
}
unsafe fn bytes<'a>(env: *mut c_void, from: term) -> Option<&'a [u8]> {
    let mut binary = Binary { size: 0, data: null_mut(), owner: null_mut(), spare: [null_mut(); 2] };
    (enif_inspect_binary(env, from, &mut binary) != 0).then(|| if binary.size == 0 { &[] } else { std::slice::from_raw_parts(binary.data, binary.size) })
}
unsafe fn binary(env: *mut c_void, bytes: &[u8]) -> term {
    let mut made = 0;
    let to = enif_make_new_binary(env, bytes.len(), &mut made);
    std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
    made
}
unsafe fn counter<'a>(env: *mut c_void, from: term) -> Option<&'a Counter> {
    let mut object = null_mut();
    (enif_get_resource(env, from, KIND.load(Ordering::Relaxed), &mut object) != 0).then(|| &*object.cast::<Counter>())
}
unsafe fn this_process(env: *mut c_void) -> term {
    let mut pid = 0;
    enif_self(env, &mut pid);
    pid
}

/// None is badarg; a panic is the exception {panicked, Text}.
unsafe fn guarded(env: *mut c_void, body: impl FnOnce() -> Option<term>) -> term {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Some(result)) => result,
        Ok(None) => enif_make_badarg(env),
        Err(payload) => {
            let text = payload.downcast_ref::<String>().cloned().or_else(|| payload.downcast_ref::<&str>().map(|t| t.to_string())).unwrap_or_default();
            enif_raise_exception(env, tuple(env, &[atom(env, "panicked"), binary(env, text.as_bytes())]))
        }
    }
}

macro_rules! function {
    ($name:ident, $env:ident, $arguments:ident, $body:block) => {
        unsafe extern "C" fn $name($env: *mut c_void, count: c_int, argv: *const term) -> term {
            #[allow(unused_variables)]
            let $arguments = if count == 0 { &[] } else { std::slice::from_raw_parts(argv, count as usize) };
            guarded($env, || $body)
        }
    };
}

function!(add, env, a, { Some(enif_make_long(env, integer(env, a[0])?.checked_add(integer(env, a[1])?).expect("too large"))) });

function!(squares, env, a, {
    let mut numbers = Vec::new();
    for item in list(env, a[0])? {
        numbers.push(enif_make_long(env, integer(env, item)?.wrapping_pow(2)));
    }
    Some(enif_make_list_from_array(env, numbers.as_ptr(), numbers.len() as c_uint))
});

function!(reversed, env, a, {
    if let Some(text) = bytes(env, a[0]) {
        return Some(binary(env, &text.iter().rev().copied().collect::<Vec<u8>>()));
    }
    let (mut arity, mut items) = (0, null());
    if enif_get_tuple(env, a[0], &mut arity, &mut items) == 0 {
        return None;
    }
    let items = if arity == 0 { Vec::new() } else { std::slice::from_raw_parts(items, arity as usize).iter().rev().copied().collect::<Vec<term>>() };
    Some(tuple(env, &items))
});

// Keys become values and values keys.
function!(swapped, env, a, {
    let (mut iterator, mut keys, mut values) = ([0; 16], Vec::new(), Vec::new());
    const FIRST: c_int = 1;
    if enif_map_iterator_create(env, a[0], &mut iterator, FIRST) == 0 {
        return None;
    }
    let (mut key, mut value, mut map) = (0, 0, 0);
    while enif_map_iterator_get_pair(env, &mut iterator, &mut key, &mut value) != 0 {
        keys.push(key);
        values.push(value);
        enif_map_iterator_next(env, &mut iterator);
    }
    enif_map_iterator_destroy(env, &mut iterator);
    (enif_make_map_from_arrays(env, values.as_ptr(), keys.as_ptr(), keys.len(), &mut map) != 0).then_some(map)
});

function!(panic_with, env, a, { panic!("{}", String::from_utf8_lossy(bytes(env, a[0])?)) });

function!(thread_type, env, a, { Some(enif_make_long(env, enif_thread_type() as i64)) });

function!(new_counter, env, a, {
    let object = enif_alloc_resource(KIND.load(Ordering::Relaxed), std::mem::size_of::<Counter>());
    object.cast::<Counter>().write(Counter { values: Mutex::new(Vec::new()), owner: this_process(env) });
    LIVING.fetch_add(1, Ordering::SeqCst);
    let made = enif_make_resource(env, object);
    enif_release_resource(object);
    Some(made)
});

function!(count, env, a, {
    let mut values = counter(env, a[0])?.values.lock().unwrap();
    values.push(integer(env, a[1])?);
    Some(enif_make_long(env, values.iter().sum()))
});

function!(living, env, a, { Some(enif_make_long(env, LIVING.load(Ordering::SeqCst))) });

function!(watch, env, a, {
    let (mut pid, mut monitor) = (0, [0u8; 32]);
    let object = counter(env, a[0])? as *const Counter as *mut c_void;
    if enif_get_local_pid(env, a[1], &mut pid) == 0 {
        return None;
    }
    Some(enif_make_long(env, enif_monitor_process(env, object, &pid, &mut monitor) as i64))
});

// Threads of Rust, each of which sends {thread, Number, Term}, with an environment of its own.
function!(threads, env, a, {
    let (count, owner) = (integer(env, a[0])?, this_process(env));
    for number in 0..count {
        let kept = enif_alloc_env() as usize;
        let saved = enif_make_copy(kept as *mut c_void, a[1]);
        std::thread::spawn(move || {
            let env = kept as *mut c_void;
            let message = tuple(env, &[atom(env, "thread"), enif_make_long(env, number), saved]);
            enif_send(null_mut(), &owner, env, message);
            enif_free_env(env);
        });
    }
    Some(atom(env, "ok"))
});

unsafe extern "C" fn load(env: *mut c_void, _: *mut *mut c_void, _: term) -> c_int {
    std::panic::set_hook(Box::new(|_| {}));
    let init = Callbacks { dtor: Some(destroyed), stop: null(), down: Some(down), members: 3, dyncall: null() };
    const CREATE: c_int = 1;
    let kind = enif_init_resource_type(env, c"counter".as_ptr(), &init, CREATE, null_mut());
    KIND.store(kind, Ordering::Relaxed);
    kind.is_null() as c_int
}

#[no_mangle]
pub extern "C" fn nif_init() -> *const Entry {
    look_up();
    const DIRTY_CPU: c_uint = 1;
    const DIRTY_IO: c_uint = 2;
    let row = |name: &'static std::ffi::CStr, arity, pointer, flags| Function { name: name.as_ptr(), arity, pointer, flags };
    let functions = Box::leak(Box::new([
        row(c"add", 2, add as native, 0),
        row(c"squares", 1, squares, 0),
        row(c"reversed", 1, reversed, 0),
        row(c"swapped", 1, swapped, 0),
        row(c"panic_with", 1, panic_with, 0),
        row(c"thread_type", 0, thread_type, 0),
        row(c"cpu_thread_type", 0, thread_type, DIRTY_CPU),
        row(c"io_thread_type", 0, thread_type, DIRTY_IO),
        row(c"dirty_panic", 1, panic_with, DIRTY_CPU),
        row(c"new_counter", 0, new_counter, 0),
        row(c"count", 2, count, 0),
        row(c"living", 0, living, 0),
        row(c"watch", 2, watch, 0),
        row(c"threads", 2, threads, 0),
    ]));
    Box::leak(Box::new(Entry {
        major: 2,
        minor: 15,
        name: if cfg!(linked) { c"rust_linked" } else { c"rust" }.as_ptr(),
        count: functions.len() as c_int,
        functions: functions.as_ptr(),
        load: Some(load),
        reload: null(),
        upgrade: null(),
        unload: null(),
        variant: c"beam.vanilla".as_ptr(),
        options: 1,
        type_bytes: std::mem::size_of::<Callbacks>(),
        min_erts: c"erts-12.0".as_ptr(),
    }))
}
