/* Lintel: an Erlang virtual machine inside your program.
 *
 * C99. Every comment says who owns what and which thread may call. No function exits the program or throws. Several VMs
 * may live in one program, at the same time and on different threads; they share nothing. "Any thread" means just that;
 * where nothing is said, one thread at a time may call functions of one VM. The library never keeps a pointer that it
 * was given, callbacks and their context excepted.
 */
#ifndef LINTEL_LINTEL_H
#define LINTEL_LINTEL_H

#include <lintel/erl_nif.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- versions */

/* The version of this header; lintel_version_number is that of the library. */
#define LINTEL_VERSION_MAJOR 0
#define LINTEL_VERSION_MINOR 1
#define LINTEL_VERSION_PATCH 0
/* One number, to compare: #if LINTEL_VERSION >= LINTEL_VERSION_OF(0, 2, 0) */
#define LINTEL_VERSION_OF(major, minor, patch) ((major)*1000000 + (minor)*1000 + (patch))
#define LINTEL_VERSION LINTEL_VERSION_OF(LINTEL_VERSION_MAJOR, LINTEL_VERSION_MINOR, LINTEL_VERSION_PATCH)

/* Marks what the library offers. */
#if defined(__GNUC__)
#define LINTEL_API __attribute__((visibility("default")))
#else
#define LINTEL_API
#endif

/* Marks what the caller must release with the function named in the comment. */
#define LINTEL_OWNED

/* ---- VMs and results */

/* A VM: what its processes, modules, names and memory belong to. Made by lintel_vm_create. */
typedef struct lintel_vm lintel_vm;

/* What a function says of its success. What went wrong in particular: lintel_error. */
typedef enum lintel_result {
    LINTEL_OK = 0,                /* it is done */
    LINTEL_ERROR_ARGUMENT = 1,    /* a wrong argument, or a call at the wrong time */
    LINTEL_ERROR_NOT_FOUND = 2,   /* no such file, module or function */
    LINTEL_ERROR_BAD_FILE = 3,    /* a file that is no BEAM file, or is broken, or breaks a rule of the verifier */
    LINTEL_ERROR_UNSUPPORTED = 4, /* needs what this VM lacks */
    LINTEL_ERROR_MEMORY = 5,      /* there is none left, or no place for another process */
    LINTEL_ERROR_SYSTEM = 6,      /* the operating system refused */
    LINTEL_ERROR_EXCEPTION = 7,   /* the function of a call has raised */
    LINTEL_ERROR_TIMEOUT = 8,     /* the time that was given is over */
    LINTEL_ERROR_HALTED = 9       /* the VM has halted */
} lintel_result;

/* ---- configuration */

/* What a VM starts with. */
typedef enum lintel_profile {
    LINTEL_PROFILE_BARE = 0, /* no kernel application; modules are loaded on first use from the code path: lintel_run */
    LINTEL_PROFILE_OTP = 1   /* what OTP's emulator starts: its boot script, kernel, code server: lintel_boot */
} lintel_profile;

/* Rights of Erlang code. */
#define LINTEL_RIGHT_FILES \
    1u /* read and write files of the system; without it only those on the code path can be read */
#define LINTEL_RIGHT_PORTS \
    2u /* start programs, and read and write the program's own file descriptors; lintel_boot needs it */
#define LINTEL_RIGHT_NETWORK 4u      /* open sockets, local ones included */
#define LINTEL_RIGHT_DISTRIBUTION 8u /* become a node, and connect to others */
#define LINTEL_RIGHT_NIFS \
    16u /* load libraries of native functions, which can do whatever the program can, and harm it */

/* Whose threads run Erlang code after lintel_start. */
typedef enum lintel_driving {
    LINTEL_DRIVING_THREADS = 0, /* the VM's own */
    LINTEL_DRIVING_HOST =
        1 /* the host's, in lintel_poll and in functions that wait; the VM makes no thread to run Erlang code */
} lintel_driving;

/* What is to become of a signal of the operating system. */
typedef enum lintel_signal_action {
    LINTEL_SIGNAL_DEFAULT = 0, /* what the system does */
    LINTEL_SIGNAL_IGNORE = 1,  /* nothing */
    LINTEL_SIGNAL_HANDLE = 2   /* lintel_signal is called when it comes */
} lintel_signal_action;

/* A setting that has no field of its own: both are text. */
typedef struct lintel_setting {
    const char* name;  /* one of the table in docs/design/embedding.md */
    const char* value; /* text, of numbers too */
} lintel_setting;

/* Configuration of a VM. Filled in by lintel_config_init; fields are only ever added, at the end, so that a program
 * keeps working with a later library. What it points to, callbacks and their context excepted, is needed during
 * lintel_vm_create only. */
typedef struct lintel_config {
    size_t size;          /* sizeof(lintel_config) when the caller was compiled */
    unsigned schedulers;  /* threads that run Erlang code; 0: as many as processors */
    size_t process_limit; /* most processes alive at once; rounded up to a power of two, at least 1024 */
    size_t atom_limit;    /* most atoms; at least 8192 */
    const char* otp_root; /* folder of an OTP installation; NULL: LINTEL_OTP_ROOT, or where Debian has it; "": none */
    /* Output of Erlang code: `stream` is 1 or 2, as of file descriptors. Returns 0, or an errno value if the bytes could not
     * be written. NULL: the program's own stdout and stderr. Called on any thread of the VM; calls do not overlap. */
    int (*write)(void* context, int stream, const char* bytes, size_t count);
    /* Input. Returns bytes read, 0 at the end, -1 on error. NULL: the program's own stdin. One thread at a time. */
    ptrdiff_t (*read)(void* context, char* bytes, size_t count);
    void* context;      /* passed to both; the VM never looks at it */
    size_t max_memory;  /* bytes that Erlang code may fill, roughly; 0: no limit. A process that wants more is killed */
    const char* stress; /* switches that make rare paths frequent, for debug builds (CONTRIBUTING.md); NULL: none */
    lintel_profile profile; /* what it starts with */
    unsigned rights;        /* LINTEL_RIGHT_… bits: what Erlang code may do besides computing; 0: nothing more */
    /* os:set_signal/2: the program wants to be told of a signal ("sigterm", "sigusr1", …), or not. 0, or an errno value. NULL: signals are the
     * host's own matter, and os:set_signal fails with notsup. Any thread of the VM. */
    int (*set_signal)(void* context, const char* name, lintel_signal_action action);
    int break_ignored;        /* not 0: the host does nothing on Ctrl-C, and OTP's shell is not to offer to quit */
    size_t dist_buffer_limit; /* bytes queued for another node from which on senders wait; 0: 1 MiB */
    /* The program has halted, but native functions (LINTEL_RIGHT_NIFS) run for long that nobody can stop. May end the host program, with `status`; if it
     * returns, or is NULL, they are waited for. Called once, on the thread of lintel_run or lintel_boot. */
    void (*abandon)(void* context, int status);
    lintel_driving driving; /* the host drives: `schedulers` is ignored, there is one */
    /* The host drives, and another thread has made something ready: lintel_poll is due. Any thread but the one that polls; once until the next poll. NULL: the host
     * uses lintel_poll_fd, or polls anyway. */
    void (*wake)(void* context);
    /* Further settings: what erlang:system_info/1 and other functions show, and what processes get for which nobody asked otherwise. Their names and values are in
     * docs/design/embedding.md; another one is LINTEL_ERROR_ARGUMENT. Used during lintel_vm_create only. */
    const lintel_setting* settings;
    size_t setting_count; /* how many they are */
} lintel_config;

/* ---- the library */

/* The library's version as text, "0.1.0" (static), and as a number like LINTEL_VERSION. Any thread. */
LINTEL_API const char* lintel_version(void);
LINTEL_API int lintel_version_number(void);

/* What a result means, in a few words; static. Any thread. */
LINTEL_API const char* lintel_result_text(lintel_result result);

/* ---- making and destroying a VM */

/* Fills in defaults: lintel_config_init(&config, sizeof config). Any thread. */
LINTEL_API void lintel_config_init(lintel_config* config, size_t size);

/* Makes a VM. No thread is started yet. Any thread. On failure *vm is NULL: LINTEL_ERROR_ARGUMENT for a configuration that makes no sense,
 * LINTEL_ERROR_MEMORY. Release with lintel_vm_destroy. */
LINTEL_API lintel_result lintel_vm_create(const lintel_config* config, LINTEL_OWNED lintel_vm** vm);

/* Ends whatever runs and frees everything. Waits for callbacks that are running; none is called afterwards. NULL is allowed.
 * Not from a callback, and while no other thread uses the VM. */
LINTEL_API void lintel_vm_destroy(lintel_vm* vm);

/* What went wrong in the last call by this thread that did not return LINTEL_OK: one line, without a newline; "" if none did. Functions whose result
 * says it all (a time that is over, a VM that has halted, nobody to send to, NULL for what must be something) leave the line as it was. Owned by the
 * VM, good until the thread's next call. Any thread. */
LINTEL_API const char* lintel_error(const lintel_vm* vm);

/* ---- code */

/* Adds a directory that modules are looked up in, before those added earlier. Before lintel_run or lintel_start. Bare
 * profile. */
LINTEL_API lintel_result lintel_add_code_path(lintel_vm* vm, const char* directory);

/* Loads a module now, from a file or from memory. `file` is for messages only; the bytes may go when the call returns. *module (if not NULL) gets
 * the module's name, owned by the VM and good until the next load. Before lintel_run; after lintel_start too, one thread at a time.
 * Bare profile. LINTEL_ERROR_NOT_FOUND: the file cannot be read; LINTEL_ERROR_BAD_FILE, LINTEL_ERROR_UNSUPPORTED: the module is refused, lintel_error
 * says why; LINTEL_ERROR_MEMORY. */
LINTEL_API lintel_result lintel_load_file(lintel_vm* vm, const char* path, const char** module);
LINTEL_API lintel_result lintel_load_memory(lintel_vm* vm, const void* bytes, size_t count, const char* file,
                                            const char** module);
/* Loads a module by name from the code path, unless it is loaded. Before lintel_run; after lintel_start too, one thread at a time. Bare profile.
 * LINTEL_ERROR_NOT_FOUND: it is not there; LINTEL_ERROR_BAD_FILE: it is refused. */
LINTEL_API lintel_result lintel_load_module(lintel_vm* vm, const char* module);

/* ---- a program that runs to its end */

/* Calls `function` of `module` in a new process and runs the VM until that process ends or the program halts. With
 * function NULL: main/1 with the arguments as a list of strings, main/0, or start/0, whichever is exported first. An
 * uncaught error is printed to stream 2. *status (if not NULL) gets the exit status: 0, what halt said, or 1 after an
 * error. Blocks; once per VM. Needs an OTP: nearly all code calls its modules. The calling thread is the first scheduler meanwhile:
 * it runs Erlang code and calls back; let it have a stack of 1 MiB, as the VM's own threads do. Bare profile. LINTEL_ERROR_NOT_FOUND: no such module,
 * no such function, or no OTP; others as for lintel_load_module; LINTEL_ERROR_SYSTEM: no thread can be made. */
LINTEL_API lintel_result lintel_run(lintel_vm* vm, const char* module, const char* function, int argc,
                                    const char* const* argv, int* status);

/* Boots the OTP installation of the configuration (LINTEL_PROFILE_OTP), as its emulator does, and runs it until it halts. `argv` is what `erl`
 * hands to the emulator behind its flags, from the first "-" that is init's on: "-root", DIR, "-bindir", DIR, "-progname", "erl", "--", "-home",
 * DIR, "--", … . *status (if not NULL) gets the exit status. Blocks; once per VM; the calling thread as for lintel_run.
 * LINTEL_ERROR_NOT_FOUND: there is no such OTP; LINTEL_ERROR_BAD_FILE: its boot script, or a module that it begins with, is broken. */
LINTEL_API lintel_result lintel_boot(lintel_vm* vm, int argc, const char* const* argv, int* status);

/* What lintel_run and lintel_boot give as the exit status of a program that has called erlang:halt(abort): the host may want to abort(). */
#define LINTEL_STATUS_ABORT 262

/* Tells the program of an operating system's signal, as OTP's emulator does: the message {notify, Name} to the process that is registered as
 * erl_signal_server, or else to init. "sigterm": the program stops as by init:stop(), with status 0; "sigquit": it halts; "sigusr1": it halts with a
 * crash dump; others have no effect unless the program sees to them. "sigcont", which no program is told of, makes a terminal that is being edited
 * on what it was before somebody else had it. Any thread while lintel_run runs, but not inside a signal handler. LINTEL_ERROR_NOT_FOUND: there is
 * nobody to tell, yet or any more. Does not change lintel_error. */
LINTEL_API lintel_result lintel_signal(lintel_vm* vm, const char* name);

/* ---- a VM that the host talks to
 *
 * Instead of lintel_run or lintel_boot: the VM is started, and then the host calls Erlang functions, sends and receives messages. What is said to be for
 * any thread is so from the return of lintel_start on until lintel_vm_destroy is called. Calls and mailboxes are freed before that. Functions that wait
 * drive the VM meanwhile if the host does (one thread at a time), and are not for functions of the host that Erlang code calls. Times are nanoseconds; one that is
 * less than 0 is over, as 0 is. */

/* A time that never ends. */
#define LINTEL_FOREVER INT64_MAX

/* Starts the VM; once. When it returns, input and output work, and so does OTP's kernel if the profile has one. Bare profile: `argv` is what
 * init:get_plain_arguments/0 gives; OTP profile: as for lintel_boot. LINTEL_ERROR_HALTED: it came to an end before that; lintel_wait has the status.
 * LINTEL_ERROR_NOT_FOUND: there is no OTP; LINTEL_ERROR_SYSTEM: no thread can be made. */
LINTEL_API lintel_result lintel_start(lintel_vm* vm, int argc, const char* const* argv);

/* What lintel_poll has found. */
typedef struct lintel_poll_report {
    size_t size;        /* sizeof(lintel_poll_report), set by the caller */
    int halted;         /* not 0: the VM has halted, with `status` */
    int status;         /* the exit status, if it has */
    int idle;           /* not 0: nothing is ready to run */
    int64_t next_timer; /* until the next timer is due; LINTEL_FOREVER: there is none */
    int64_t reductions; /* spent */
} lintel_poll_report;

/* The host drives: runs what is ready on the calling thread until nothing is, or `reductions` are spent, or `time` has passed (LINTEL_FOREVER: no
 * limit; both are kept to within a slice of 4000 reductions, longer only inside of a native function). Processes stay where they are. `report` may
 * be NULL. One thread at a time; not from a callback. LINTEL_ERROR_ARGUMENT: it was, or threads of the VM drive. */
LINTEL_API lintel_result lintel_poll(lintel_vm* vm, int64_t reductions, int64_t time, lintel_poll_report* report);

/* The host drives: a descriptor, the VM's own, that is readable when lintel_poll is due because of something outside of the VM; timers are not. -1:
 * the system has none left. */
LINTEL_API int lintel_poll_fd(lintel_vm* vm);

/* Waits until the VM has halted, and runs it meanwhile if the host drives: *status (if not NULL) gets the exit status. LINTEL_ERROR_TIMEOUT: it has
 * not within `time`. Any thread if threads drive; not from a callback. */
LINTEL_API lintel_result lintel_wait(lintel_vm* vm, int64_t time, int* status);

/* As erlang:halt(Status): returns at once, the VM halts when what has been printed is written. Any thread. */
LINTEL_API lintel_result lintel_halt(lintel_vm* vm, int status);

/* ---- terms: with the functions of lintel/erl_nif.h. An environment keeps the terms that are made in it, and is used by one thread at a time. */

/* An environment of this VM; cleared by enif_clear_env, released by enif_free_env before the VM goes. NULL: no memory. Any thread. */
LINTEL_API LINTEL_OWNED ErlNifEnv* lintel_env_create(lintel_vm* vm);

/* The term as erlang:display/1 writes it, atoms in Unicode: up to `room` - 1 bytes and a 0. Returns how many bytes there are without the 0. Any
 * thread. */
LINTEL_API size_t lintel_term_text(ERL_NIF_TERM term, char* text, size_t room);

/* The term that `text` is in Erlang's syntax: atoms, integers, floats, characters, strings, binaries of integers and strings, lists, tuples, maps;
 * without variables, calls and operators other than the sign of numbers. LINTEL_ERROR_ARGUMENT: it is none; *wrong (if not NULL) gets the place of
 * the first byte that is not understood. Any thread. */
LINTEL_API lintel_result lintel_term_parse(ErlNifEnv* env, const char* text, size_t count, ERL_NIF_TERM* term,
                                           size_t* wrong);

/* ---- calls */

/* A call of an Erlang function by the host: the process that runs it, and what it returns. */
typedef struct lintel_call lintel_call;

/* What a call may be given. */
typedef struct lintel_call_options {
    size_t size;           /* sizeof(lintel_call_options) */
    size_t max_heap_words; /* the process is killed if its heap grows beyond; 0: no limit of its own */
    /* When the call has ended, on any thread that runs Erlang code; may free the call. NULL: nobody. */
    void (*done)(void* context, lintel_call* call);
    void* context; /* passed to it */
} lintel_call_options;

/* Begins to call a function, in a process of its own. Arguments are copied. `options` may be NULL. Any thread. Release with lintel_call_free.
 * LINTEL_ERROR_ARGUMENT: the VM has not been started, these are no names, or more than 255 arguments; LINTEL_ERROR_HALTED; LINTEL_ERROR_MEMORY: no
 * process can be made. That there is no such function is an exception of the call. */
LINTEL_API lintel_result lintel_call_begin(lintel_vm* vm, const char* module, const char* function,
                                           const ERL_NIF_TERM* arguments, unsigned count,
                                           const lintel_call_options* options, LINTEL_OWNED lintel_call** call);

/* Waits for the end. LINTEL_ERROR_TIMEOUT: it has not come; LINTEL_ERROR_HALTED: it never will. Any thread if threads drive; not from a
 * callback (LINTEL_ERROR_ARGUMENT). */
LINTEL_API lintel_result lintel_call_wait(lintel_call* call, int64_t time);

/* LINTEL_OK: *result is the value. LINTEL_ERROR_EXCEPTION: {Class, Reason, Stacktrace}; what has killed the process is {exit, Reason, []}. It is
 * copied to `env`, or, if that is NULL, good as long as the call. LINTEL_ERROR_TIMEOUT: it has not ended. Any thread. */
LINTEL_API lintel_result lintel_call_result(lintel_call* call, ErlNifEnv* env, ERL_NIF_TERM* result);

/* The process that calls. Any thread. */
LINTEL_API ErlNifPid lintel_call_process(const lintel_call* call);

/* Kills the process of a call that has not ended; it ends with {exit, killed, []} soon. Any thread. */
LINTEL_API void lintel_call_cancel(lintel_call* call);

/* Lets go of the call, which goes on if it has not ended: its result is lost. A `done` that is running on another thread is waited for; none is
 * called afterwards. NULL is allowed. Any thread. */
LINTEL_API void lintel_call_free(lintel_call* call);

/* All in one: calls, waits up to `time`, and copies the result to `env`, as lintel_call_result does; a call that takes longer is cancelled. Of an exception
 * lintel_error has the text. Threads and errors as of those three. */
LINTEL_API lintel_result lintel_call_function(lintel_vm* vm, const char* module, const char* function, ErlNifEnv* env,
                                              const ERL_NIF_TERM* arguments, unsigned count, int64_t time,
                                              ERL_NIF_TERM* result);

/* The same in text: `arguments` is a list in Erlang's syntax (lintel_term_parse); up to `room` - 1 bytes of the result, or of {Class, Reason,
 * Stacktrace}, and a 0 go to `text`; after another error it is as it was. LINTEL_ERROR_ARGUMENT: the arguments are no list, too. */
LINTEL_API lintel_result lintel_call_text(lintel_vm* vm, const char* module, const char* function,
                                          const char* arguments, int64_t time, char* text, size_t room);

/* ---- processes and messages */

/* A process that runs the function; what it returns is lost. `pid` may be NULL. Any thread. Errors as of lintel_call_begin. */
LINTEL_API lintel_result lintel_spawn(lintel_vm* vm, const char* module, const char* function,
                                      const ERL_NIF_TERM* arguments, unsigned count, ErlNifPid* pid);

/* Sends a copy of `message`. LINTEL_ERROR_NOT_FOUND: there is no such process, or nobody of that name. Any thread. */
LINTEL_API lintel_result lintel_send(lintel_vm* vm, const ErlNifPid* to, ERL_NIF_TERM message);
LINTEL_API lintel_result lintel_send_to_name(lintel_vm* vm, const char* name, ERL_NIF_TERM message);

/* As exit(Pid, Reason) by a process that is not linked to it. LINTEL_ERROR_NOT_FOUND: there is no such process. Any thread. */
LINTEL_API lintel_result lintel_exit(lintel_vm* vm, const ErlNifPid* pid, ERL_NIF_TERM reason);

/* A mailbox of the host: to Erlang code a process, which traps exits. */
typedef struct lintel_mailbox lintel_mailbox;

/* `name`: what it is registered as, or NULL. `arrived` (if not NULL) is called after each message that comes, on any thread that runs Erlang code.
 * LINTEL_ERROR_ARGUMENT: the name is taken. Any thread. Release with lintel_mailbox_free. */
LINTEL_API lintel_result lintel_mailbox_create(lintel_vm* vm, const char* name,
                                               void (*arrived)(void* context, lintel_mailbox* mailbox), void* context,
                                               LINTEL_OWNED lintel_mailbox** mailbox);
/* The process that it is to Erlang code. Any thread. */
LINTEL_API ErlNifPid lintel_mailbox_process(const lintel_mailbox* mailbox);

/* The first message, copied to `env` and taken out. LINTEL_ERROR_TIMEOUT: none has come within `time`; LINTEL_ERROR_HALTED: none will. Any thread if
 * threads drive. */
LINTEL_API lintel_result lintel_receive(lintel_mailbox* mailbox, ErlNifEnv* env, int64_t time, ERL_NIF_TERM* message);

/* The mailbox is linked to a process, or not any more, or monitors it: {'EXIT', Pid, Reason} or {'DOWN', Ref, process, Pid, Reason} comes. Of a
 * process that has gone already that comes with the reason noproc. Any thread. */
LINTEL_API lintel_result lintel_mailbox_link(lintel_mailbox* mailbox, const ErlNifPid* pid);
LINTEL_API lintel_result lintel_mailbox_unlink(lintel_mailbox* mailbox, const ErlNifPid* pid);
LINTEL_API lintel_result lintel_mailbox_monitor(lintel_mailbox* mailbox, const ErlNifPid* pid);

/* Its process ends with reason `normal`; messages are lost. An `arrived` that is running on another thread is waited for;
 * none is called afterwards. NULL is allowed. Any thread. */
LINTEL_API void lintel_mailbox_free(lintel_mailbox* mailbox);

/* ---- functions of the host */

/* Initialises an ErlNifEntry: the module `name` (a string) with the functions of an array of ErlNifFunc. */
#define LINTEL_MODULE(name, functions)                                                                                \
    {                                                                                                                 \
        ERL_NIF_MAJOR_VERSION, ERL_NIF_MINOR_VERSION, name, sizeof(functions) / sizeof *(functions), functions, NULL, \
            NULL, NULL, NULL, ERL_NIF_VM_VARIANT, 1, sizeof(ErlNifResourceTypeInit), ERL_NIF_MIN_ERTS_VERSION         \
    }

/* Makes a module of native functions that are part of the host: `entry` (LINTEL_MODULE, or what nif_init of a library gives) must stay.
 * Its `load` is called with the atom `undefined`; `priv_data` is what enif_priv_data gives before it says otherwise. No right is needed.
 * LINTEL_ERROR_ARGUMENT: the entry makes no sense, or there is such a module. Before or after lintel_start, any thread. */
LINTEL_API lintel_result lintel_define_module(lintel_vm* vm, const ErlNifEntry* entry, void* priv_data);

/* An answer that the host owes to a process: of lintel_defer, until it has been given. */
typedef struct lintel_promise lintel_promise;

/* In a function of the host: the process that has called it waits, without a thread, until lintel_resolve or lintel_reject answers, once; `return
 * lintel_defer(env, &promise)`. Each promise is answered exactly once, before lintel_vm_destroy. *promise is unchanged outside of such a function. */
LINTEL_API ERL_NIF_TERM lintel_defer(ErlNifEnv* env, LINTEL_OWNED lintel_promise** promise);

/* The function returns a copy of `value`, or raises an error with it, and the promise is gone. LINTEL_ERROR_NOT_FOUND: its process has gone. Any
 * thread. */
LINTEL_API lintel_result lintel_resolve(lintel_promise* promise, ERL_NIF_TERM value);
LINTEL_API lintel_result lintel_reject(lintel_promise* promise, ERL_NIF_TERM reason);

/* ---- the break menu, and looking at files */

/* What OTP's emulator does on Ctrl-C: stops all processes, shows its break menu on stdout and reads what to do from stdin; they go on
 * when that is done. Returns at once. Any thread while the VM runs, but not inside a signal handler. Again while the menu is shown:
 * the VM halts with status 0. Does not change lintel_error. */
LINTEL_API lintel_result lintel_break(lintel_vm* vm);

/* What a file needs that this VM lacks, one line each, through `line`, whose text is good during the call; *count (if not
 * NULL) gets how many. The file is not run. Bare profile. Errors as of lintel_load_file. */
LINTEL_API lintel_result lintel_check_file(lintel_vm* vm, const char* path,
                                           void (*line)(void* context, const char* text), void* context, size_t* count);

/* A file's chunks and code as text, through `line`. `function` is "name/arity", or NULL for all. Bare profile. Errors as of
 * lintel_load_file; LINTEL_ERROR_NOT_FOUND: it has no such function, too. */
LINTEL_API lintel_result lintel_disassemble_file(lintel_vm* vm, const char* path, const char* function,
                                                 void (*line)(void* context, const char* text), void* context);

#ifdef __cplusplus
}
#endif

#endif /* LINTEL_LINTEL_H */
