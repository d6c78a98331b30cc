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
#define LINTEL_RIGHT_CONTROL \
    32u /* change what is the whole VM's: halt it, end, suspend and trace processes of others, load and purge code, set system flags. The VM's own processes always have it */

#define LINTEL_RIGHT_ENVIRONMENT \
    64u /* see the program's environment; without it a VM begins with an empty one, and tenants see none */
#define LINTEL_RIGHT_INPUT \
    128u /* read the program's own stdin; what lintel_config.read gives the VM's own processes have without it, tenants have not */
#define LINTEL_RIGHT_CLOCK \
    256u /* know what time it is; without it the VM's clock began on 2000-01-01, and local time is universal time. Of tenants: as of the VM */
#define LINTEL_RIGHTS_ALL 511u /* all of them */

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

/* How far rights reach. */
typedef struct lintel_scope {
    size_t size; /* sizeof(lintel_scope) */
    /* A directory of the host: names of files begin there, absolute or not, and lead nowhere else, as after chroot; the working directory is `/`. Of a tenant whose VM has one, too: a name below
     * that. Code on the code path can be read besides. NULL: as the program itself has it. */
    const char* file_root;
    int files_only_read; /* not 0: files are not changed */
    /* Addresses that sockets may connect, send and bind to, between spaces: ADDRESS[/BITS][:PORT[-PORT]], an IPv6 address in brackets; `*` is any address, unix:NAME a local socket (with a `*` at the end:
     * those whose names begin so). Binding to port 0 is always allowed. NULL: every address. */
    const char* network;
} lintel_scope;

/* What Erlang code may use at most; 0: as much as there is. A field of the VM's is for the whole VM, one of a tenant's for its processes together; the last three are
 * for each process. */
typedef struct lintel_limits {
    size_t size;                    /* sizeof(lintel_limits), set by the caller */
    uint64_t memory;                /* bytes: heaps, messages, binaries, ETS */
    uint64_t binaries;              /* of these, bytes in binaries of more than 64 */
    uint64_t processes;             /* alive at once */
    uint64_t ports;                 /* open at once */
    uint64_t tables;                /* of ETS, at once */
    uint64_t atoms;                 /* made, ever: they never go */
    uint64_t reductions;            /* in all */
    uint64_t reductions_per_second; /* beyond that processes wait */
    uint64_t time;                  /* nanoseconds from its creation on */
    uint64_t message_queue;         /* messages that a process has not received */
    uint64_t process_heap;          /* words of heap and stack */
    uint64_t process_reductions;    /* in all */
} lintel_limits;

/* The fields of lintel_limits. */
typedef enum lintel_limit {
    LINTEL_LIMIT_MEMORY = 1,                /* lintel_limits.memory */
    LINTEL_LIMIT_BINARIES = 2,              /* lintel_limits.binaries */
    LINTEL_LIMIT_PROCESSES = 3,             /* lintel_limits.processes */
    LINTEL_LIMIT_PORTS = 4,                 /* lintel_limits.ports */
    LINTEL_LIMIT_TABLES = 5,                /* lintel_limits.tables */
    LINTEL_LIMIT_ATOMS = 6,                 /* lintel_limits.atoms */
    LINTEL_LIMIT_REDUCTIONS = 7,            /* lintel_limits.reductions */
    LINTEL_LIMIT_REDUCTIONS_PER_SECOND = 8, /* lintel_limits.reductions_per_second */
    LINTEL_LIMIT_MESSAGE_QUEUE = 9,         /* lintel_limits.message_queue */
    LINTEL_LIMIT_PROCESS_HEAP = 10,         /* lintel_limits.process_heap */
    LINTEL_LIMIT_PROCESS_REDUCTIONS = 11,   /* lintel_limits.process_reductions */
    LINTEL_LIMIT_TIME = 12                  /* lintel_limits.time */
} lintel_limit;

/* What is to be done about a limit that was reached. */
typedef enum lintel_reaction {
    LINTEL_REACTION_USUAL = 0,       /* see lintel_config.limit_reached */
    LINTEL_REACTION_IGNORE = 1,      /* nothing more; a limit that is not raised is reached again at once */
    LINTEL_REACTION_END_PROCESS = 2, /* the process that has reached it ends */
    LINTEL_REACTION_END_TENANT = 3   /* all of the tenant's processes do; of the VM itself: it halts, with status 1 */
} lintel_reaction;

/* Processes with a budget and rights of their own (lintel_tenant_create). */
typedef struct lintel_tenant lintel_tenant;

/* Code that VMs begin with (lintel_snapshot_create). */
typedef struct lintel_snapshot lintel_snapshot;

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
     * returns, or is NULL, they are waited for. Called once, on the thread of lintel_run or lintel_boot. A host that sets it says that its program ends with the VM: as on OTP, native libraries
     * are not unloaded then, and resources that are left are not destroyed. */
    void (*abandon)(void* context, int status);
    lintel_driving driving; /* the host drives: `schedulers` is ignored, there is one */
    /* The host drives, and another thread has made something ready: lintel_poll is due. Any thread but the one that polls; once until the next poll. NULL: the host
     * uses lintel_poll_fd, or polls anyway. */
    void (*wake)(void* context);
    /* Further settings: what erlang:system_info/1 and other functions show, and what processes get for which nobody asked otherwise. Their names and values are in
     * docs/design/embedding.md; another one is LINTEL_ERROR_ARGUMENT. Used during lintel_vm_create only. */
    const lintel_setting* settings;
    size_t setting_count; /* how many they are */
    /* What the whole VM may use, tenants included. `memory` is max_memory by another name: only one of them may be set. `processes` and `atoms` are exact, and beside
     * process_limit and atom_limit. NULL: as much as there is. Used during lintel_vm_create only. */
    const lintel_limits* limits;
    /* A limit was reached, of `tenant` or (NULL) of the VM, by what the process has done (NULL: nobody in particular). Usually what asks for too much memory, processes, ports,
     * tables, atoms or binaries is refused with system_limit (docs/design/limits.md); reductions per second make processes wait, which is not told; a process beyond a limit for
     * processes ends, with reason reduction_limit, message_queue_limit or killed (heap, which is not told); reductions and time end the tenant, or the VM. Told is the end of a slice, not each refusal. Called
     * on threads of the VM, perhaps several at once; may change limits and end tenants, but wait for nothing. NULL: the usual is done. */
    lintel_reaction (*limit_reached)(void* context, lintel_tenant* tenant, lintel_limit limit,
                                     const ErlNifPid* process);
    /* Erlang code has been denied an act for which it has not the right (one LINTEL_RIGHT_… bit); `what` is what it was about: a file, an address, a program; "" if that is not known.
     * `process` may be NULL. Any thread of the VM; calls may overlap; must not call the VM. NULL: nobody is told. */
    void (*denied)(void* context, lintel_tenant* tenant, const ErlNifPid* process, unsigned right, const char* what);
    /* How far `rights` reach; NULL: everywhere. Used during lintel_vm_create only. LINTEL_ERROR_ARGUMENT: a rule that makes no sense; LINTEL_ERROR_SYSTEM: the directory cannot be opened. */
    const lintel_scope* scope;
    /* Modules that the host has elsewhere than in files. Not 0: it has the module, and *bytes, of which there are *count, are its BEAM file; they stay as they are until release_code is called for
     * them, at the latest by lintel_vm_destroy. Asked for what is neither in the directories of lintel_add_code_path nor in packs, before it is looked for in OTP; also for modules that nobody has.
     * Bare profile. Any thread of the VM, one at a time, but release_code may be called meanwhile; must not call the VM. NULL: there are none. */
    int (*find_code)(void* context, const char* module, const void** bytes, size_t* count);
    void (*release_code)(void* context, const void* bytes, size_t count); /* NULL: nothing is to be done about them */
    /* Code that the VM begins with; NULL: none. It keeps what it needs of the snapshot, which may be released. LINTEL_ERROR_ARGUMENT: not in the bare profile. */
    lintel_snapshot* snapshot;
    /* Not 0: everything in the VM follows from `seed`: which process runs next and how long, the order of timers that are due at once, random numbers, and time (virtual_clock). The same
     * program does the same on each run and machine, as far as it has no business with the world outside (docs/design/determinism.md). `schedulers` is ignored, there is one. */
    int has_seed;
    uint64_t seed; /* any number */
    /* Not 0: time is the VM's own. It begins at 2000-01-01, goes on with each reduction, and when nothing is ready it skips to the next timer, unless something outside is waited for: then it
     * goes as outside. Local time is UTC. A VM with a seed has it in any case. `schedulers` is ignored, there is one. */
    int virtual_clock;
    /* Of a VM with a seed or a virtual clock: what happens in it, one line (without a newline) for each event: slices of processes, signals, timers, the time in seconds before it. Any thread
     * of the VM or the host; calls may overlap; must not call the VM. NULL: nobody is told. */
    void (*schedule)(void* context, const char* line, size_t length);
    /* Something was logged: by logger:log/2 and its like, error reports of processes, Elixir's Logger; what passes the logger's levels. `level` is "emergency", "alert", "critical", "error", "warning", "notice",
     * "info" or "debug"; `text` is the event as OTP's formatter writes it, without time and level, UTF-8, perhaps of several lines; `process` (or NULL) has logged it, for `tenant` (NULL: the VM's own). Takes the
     * place of the logger's handler `default` if that writes to stdout; in the OTP profile when OTP has booted. Other handlers that the application kernel is configured with stay; one of them may have
     * the module lintel_logger, for a level and filters of its own. Any thread of the VM; calls may overlap; must not call the VM. NULL: OTP's handler. */
    void (*log)(void* context, lintel_tenant* tenant, const ErlNifPid* process, const char* level, const char* text,
                size_t length);
    /* The VM halts: erlang:halt, the end of lintel_run's program, lintel_halt, a limit, a fatal error. Called once, on the thread that does it, before lintel_run and lintel_boot return `status` and others
     * LINTEL_ERROR_HALTED; must not call the VM. Not called by lintel_vm_destroy. NULL: nobody is told. */
    void (*halted)(void* context, int status);
    /* A fatal error, in one line. As a rule the VM halts with status 1 afterwards, and the host goes on: what erlang:halt("…") says, a program whose processes all wait for ever, a system that has no thread left.
     * After text that begins with "internal error" or "out of memory" nothing can go on, and the program ends when the function returns, by abort() or with exit status 1: the VM has found itself broken, or lacks memory for
     * its own bookkeeping, which no limit refuses. Any thread of the VM; must not call the VM. NULL: written to stream 2, and what ends the program to stderr. */
    void (*fatal)(void* context, const char* text);
    /* Machine code of what runs often (docs/design/jit.md): "lazy" (functions that have been called fifty times), "eager" (each function when it is first called) or "off" (everything is interpreted). It says the
     * same in every way. NULL: "lazy". Where the platform does not let a program make code, everything is interpreted (lintel_has_machine_code). */
    const char* jit;
    /* Whom else to tell of machine code by name, separated by commas: "map" (perf, by a line in /tmp/perf-PID.map for each function), "dump" (perf inject, by a jit-PID.dump in a new folder of .debug/jit below $JITDUMPDIR,
     * $HOME or the working directory), "gdb" (its interface for such code, for which the library must not be stripped); "true": map and dump, as OTP's +JPperf. A file that cannot be written tells
     * nothing. NULL, "" or "false": nobody. */
    const char* code_symbols;
} lintel_config;

/* Memory of the host's (lintel_use_memory). */
typedef struct lintel_memory {
    size_t size;   /* sizeof(lintel_memory) */
    void* context; /* passed to both */
    /* `bytes` bytes, aligned to 16; NULL: there are none, which the program that wants them is told (system_limit), or which ends its process. Any thread. */
    void* (*allocate)(void* context, size_t bytes);
    /* What allocate returned for `bytes`. Any thread, not only that which has allocated it; after the VM's end, too, of what is shared with others. */
    void (*release)(void* context, void* block, size_t bytes);
} lintel_memory;

/* ---- the library */

/* The library's version as text, "0.1.0" (static), and as a number like LINTEL_VERSION. Any thread. */
LINTEL_API const char* lintel_version(void);
LINTEL_API int lintel_version_number(void);

/* Not 0: VMs can make machine code here (lintel_config.jit). *about (if not NULL) gets for which processor, "x86-64" or "AArch64", or else why they cannot, in a few words; static. Asks the
 * system for memory that may be executed, and gives it back. Any thread. */
LINTEL_API int lintel_has_machine_code(const char** about);

/* What a result means, in a few words; static. Any thread. */
LINTEL_API const char* lintel_result_text(lintel_result result);

/* Where all VMs of the program get memory from for processes, messages, binaries, tables, code's data, and what else grows with what Erlang code does. One for all, since blocks outlive VMs and pass between them (snapshots,
 * binaries of the host); what one VM or tenant may have is a matter of lintel_limits. Not from there: reserved address space (atoms, processes, executable code), C++ containers (operator new), other libraries.
 * Once, before the first VM is made. LINTEL_ERROR_ARGUMENT: it is too late, or a function is missing. The library's own memory comes from mimalloc otherwise. */
LINTEL_API lintel_result lintel_use_memory(const lintel_memory* memory);

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

/* ---- snapshots: code that many VMs share (docs/design/snapshots.md). Bare profile. */

/* A snapshot of what is loaded in `vm` now, for VMs made with lintel_config.snapshot. In those each of its modules is loaded, without being read, verified or copied; its atoms
 * exist there, too, and count for no limit. Code is all there is in it: no processes, names, tables, persistent terms, environment, nor rights, limits, code path. Left out are modules
 * of lintel_define_module and those with large binaries that a tenant has loaded; one with an on_load function is loaded in each VM when it is first called. The VM may run, and goes on as before; what it loads later is not in the snapshot.
 * Any thread, even while others use the VM. The VM may go before the snapshot, and the snapshot before the VMs that began with it; what they share goes with the last.
 * Release with lintel_snapshot_release. LINTEL_ERROR_ARGUMENT: another profile; LINTEL_ERROR_MEMORY. */
LINTEL_API lintel_result lintel_snapshot_create(lintel_vm* vm, LINTEL_OWNED lintel_snapshot** snapshot);

/* One more, or one less, who needs the snapshot; NULL is allowed. Any thread. */
LINTEL_API void lintel_snapshot_retain(lintel_snapshot* snapshot);
LINTEL_API void lintel_snapshot_release(lintel_snapshot* snapshot);

/* How many modules it has, and the memory that they share, literals included: it counts for no VM's limits. Any thread. */
LINTEL_API size_t lintel_snapshot_modules(const lintel_snapshot* snapshot);
LINTEL_API size_t lintel_snapshot_bytes(const lintel_snapshot* snapshot);

/* ---- a program that runs to its end */

/* Calls `function` of `module` in a new process and runs the VM until that process ends or the program halts. With
 * function NULL: main/1 with the arguments as a list of strings, main/0, or start/0, whichever is exported first. An
 * uncaught error is printed to stream 2. *status (if not NULL) gets the exit status: 0, what halt said, or 1 after an
 * error. Blocks; once per VM. Needs an OTP: nearly all code calls its modules. The calling thread is the first scheduler meanwhile:
 * it runs Erlang code and calls back; let it have a stack of 1 MiB, as the VM's own threads do. Bare profile. LINTEL_ERROR_NOT_FOUND: no such module,
 * no such function, or no OTP; others as for lintel_load_module; LINTEL_ERROR_SYSTEM: no thread can be made. */
LINTEL_API lintel_result lintel_run(lintel_vm* vm, const char* module, const char* function, int argc,
                                    const char* const* argv, int* status);

/* How many errors have been reported: processes that ended by an error, and, in the bare profile, events of level error and worse that were logged (so also what supervisors and gen_servers
 * report). Any thread. */
LINTEL_API uint64_t lintel_reported_errors(const lintel_vm* vm);

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
    void* context;         /* passed to it */
    lintel_tenant* tenant; /* whose process calls; NULL: the VM's own */
    /* Of its process, to within a slice of 4000: then it ends with reason reduction_limit. 0: no limit of its own. */
    uint64_t max_reductions;
    int64_t max_time; /* nanoseconds: the same with reason time_limit; 0 or LINTEL_FOREVER: none */
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

/* ---- tenants
 *
 * A tenant is a group of processes: what lintel_tenant_spawn and calls with lintel_call_options.tenant make, and all that these spawn. It has limits and rights of its own, within those of the VM;
 * its processes do not end or suspend others, nor do they change what is the VM's: they load and purge no code that is loaded, trace nobody, set no system flags; erlang:halt ends the tenant. All functions: any thread. */

/* What a tenant may use and do. Filled in by lintel_tenant_config_init. */
typedef struct lintel_tenant_config {
    size_t size;          /* sizeof(lintel_tenant_config) */
    lintel_limits limits; /* its `size` may be 0: no limits */
    unsigned rights;      /* LINTEL_RIGHT_… bits; what the VM has not the tenant does not get */
    void* context;        /* lintel_tenant_context; the VM never looks at it */
    const lintel_scope*
        scope; /* how far the rights reach, within the VM's scope; NULL: as far as the VM's. Used during lintel_tenant_create only */
} lintel_tenant_config;

/* Fills in defaults: no limits, no rights. */
LINTEL_API void lintel_tenant_config_init(lintel_tenant_config* config, size_t size);

/* After lintel_start. Release with lintel_tenant_free, before the VM goes. */
LINTEL_API lintel_result lintel_tenant_create(lintel_vm* vm, const lintel_tenant_config* config,
                                              LINTEL_OWNED lintel_tenant** tenant);

/* The context of its configuration. */
LINTEL_API void* lintel_tenant_context(const lintel_tenant* tenant);

/* lintel_spawn of a process of the tenant. LINTEL_ERROR_MEMORY: a limit is reached. */
LINTEL_API lintel_result lintel_tenant_spawn(lintel_tenant* tenant, const char* module, const char* function,
                                             const ERL_NIF_TERM* arguments, unsigned count, ErlNifPid* pid);

/* Other limits, from now on: more reductions, for example. What is used already counts. */
LINTEL_API lintel_result lintel_tenant_set_limits(lintel_tenant* tenant, const lintel_limits* limits);

/* What it uses, by the fields of lintel_limits; those for each process are 0. Memory is exact to within 64 KiB for each thread of the VM; what it has sent to others is theirs, binaries
 * excepted, which belong to who has made them until nobody needs them any more. */
LINTEL_API lintel_result lintel_tenant_usage(const lintel_tenant* tenant, lintel_limits* usage);

/* All of its processes are killed, and it gets no others. Returns at once; each process ends within a slice of reductions, or when the native function that it is in returns. */
LINTEL_API void lintel_tenant_end(lintel_tenant* tenant);

/* Waits until it has no process (any more). *status (if not NULL) gets what one of them gave to erlang:halt, or -1. LINTEL_ERROR_TIMEOUT: it still has some. */
LINTEL_API lintel_result lintel_tenant_wait(lintel_tenant* tenant, int64_t time, int* status);

/* lintel_tenant_end, and lets go of it. NULL is allowed. */
LINTEL_API void lintel_tenant_free(lintel_tenant* tenant);

/* What the whole VM uses: as lintel_tenant_usage. Memory is counted only if it is limited. */
LINTEL_API lintel_result lintel_vm_usage(lintel_vm* vm, lintel_limits* usage);

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

/* The same of the machine code that VMs with lintel_config.jit make of the file's functions: each operation of the interpreter and beneath it its
 * instructions, with their distance from the function's start in hexadecimal, and what is rare behind the others. The configuration of `vm` does not matter.
 * LINTEL_ERROR_UNSUPPORTED: there is no machine code on this platform, too. */
LINTEL_API lintel_result lintel_disassemble_machine_code(lintel_vm* vm, const char* path, const char* function,
                                                         void (*line)(void* context, const char* text), void* context);

/* ---- packs: many modules and files in one (docs/design/packs.md). Bare profile. */

/* What a pack begins with: eight bytes. */
#define LINTEL_PACK_MAGIC "\x89LPK\r\n\x1a\n"

/* What a pack is. */
typedef struct lintel_pack_info {
    size_t size;           /* sizeof(lintel_pack_info), set by the caller */
    const char* module;    /* what lintel_run is to be given, or NULL; owned by the VM */
    const char* function;  /* its function, or NULL: main or start */
    size_t modules, files; /* how many */
    int complete;          /* not 0: all of OTP that its program reaches is in it */
    int is_signed;         /* not 0: by `key`; a pack with a wrong signature is refused */
    int trusted;           /* not 0: its modules need no verification, for one of the reasons of docs/design/packs.md */
    unsigned char key[32]; /* the public key that has signed it */
} lintel_pack_info;

/* A public key of ed25519: what it has signed is trusted, and not verified. Before packs are added. */
LINTEL_API lintel_result lintel_trust_pack_key(lintel_vm* vm, const unsigned char key[32]);

/* From now on lintel_add_pack and lintel_add_pack_memory refuse what is not signed by a key that is trusted. */
LINTEL_API lintel_result lintel_require_signed_packs(lintel_vm* vm);

/* Modules are looked up in the pack, after the directories of lintel_add_code_path and the packs before, and before those of OTP. The bytes of
 * lintel_add_pack_memory must stay, unchanged, as long as the VM; `name` is what the pack is called. `info` may be NULL. Before lintel_run;
 * after lintel_start too, one thread at a time. LINTEL_ERROR_BAD_FILE: it is no pack, or damaged, or its signature is not good. */
LINTEL_API lintel_result lintel_add_pack(lintel_vm* vm, const char* path, lintel_pack_info* info);
LINTEL_API lintel_result lintel_add_pack_memory(lintel_vm* vm, const void* bytes, size_t count, const char* name,
                                                lintel_pack_info* info);

/* Not 0: `lintel pack` has put a pack behind the executable that is running. Any thread. */
LINTEL_API int lintel_has_own_pack(void);
/* Adds that pack, which is trusted as the executable is. LINTEL_ERROR_NOT_FOUND: there is none. */
LINTEL_API lintel_result lintel_add_own_pack(lintel_vm* vm, lintel_pack_info* info);

/* A module or file of a pack. */
typedef struct lintel_pack_entry {
    size_t size;           /* sizeof(lintel_pack_entry) */
    const char* path;      /* inside of the pack */
    const char* module;    /* NULL: it is a file */
    const void* bytes;     /* `count` of them; a module's are a BEAM file without what a VM does not need */
    size_t count;          /* bytes */
    size_t original_count; /* of what it was made of */
} lintel_pack_entry;

/* Reads a pack without adding it: `entry` (may be NULL) is called for each module and file, whose parts are good during the call; what it returns,
 * if not 0, ends the reading. All entries are checked for damage, and `verify`, if not 0, also has the verifier look at each module. */
LINTEL_API lintel_result lintel_read_pack(lintel_vm* vm, const char* path, int verify,
                                          int (*entry)(void* context, const lintel_pack_entry* entry), void* context,
                                          lintel_pack_info* info);

/* Makes a pack of what a program reaches, from what is on the VM's code path. The VM must not run; one packer at a time. */
typedef struct lintel_packer lintel_packer;

/* Release with lintel_packer_free, before the VM goes. What fails in the functions below tells so by lintel_error(vm). */
LINTEL_API lintel_result lintel_packer_create(lintel_vm* vm, LINTEL_OWNED lintel_packer** packer);
LINTEL_API void lintel_packer_free(lintel_packer* packer);

/* A module from a file; *module (if not NULL) gets its name, owned by the packer. Without a main module each such module goes in with all that its exported functions reach. */
LINTEL_API lintel_result lintel_packer_add_file(lintel_packer* packer, const char* path, const char** module);
/* An application on the code path: its modules, description and private files, and what it depends on. */
LINTEL_API lintel_result lintel_packer_add_application(lintel_packer* packer, const char* name);
/* What the pack's program is; `function` may be NULL: main or start. */
LINTEL_API lintel_result lintel_packer_set_main(lintel_packer* packer, const char* module, const char* function);
/* Modules by name, with * for any characters, that go in whether they are reached or not; that do not go in, or their application by its name and
 * a slash, as in "compiler/". Dropping goes before keeping. */
LINTEL_API lintel_result lintel_packer_keep(lintel_packer* packer, const char* pattern);
LINTEL_API lintel_result lintel_packer_drop(lintel_packer* packer, const char* pattern);

#define LINTEL_PACK_WITHOUT_OTP 1u /* modules of the VM's OTP and Elixir stay out: whoever runs the pack has them */
#define LINTEL_PACK_UNPACK_PRIV \
    2u /* code:priv_dir/1 writes private files to a folder, for programs that open them themselves */
#define LINTEL_PACK_WHOLE 4u /* all modules of the files that are named, reached or not */
#define LINTEL_PACK_ONLY 8u  /* of OTP and Elixir no other applications than those that are named */
/* Bits LINTEL_PACK_…, instead of those set before. */
LINTEL_API lintel_result lintel_packer_set_flags(lintel_packer* packer, unsigned flags);
/* Signs it with the key pair of ed25519 that is made of `seed`, which is the secret. */
LINTEL_API lintel_result lintel_packer_sign(lintel_packer* packer, const unsigned char seed[32]);
/* The public key of a seed. Any thread. */
LINTEL_API void lintel_pack_public_key(const unsigned char seed[32], unsigned char key[32]);

/* Finds out what is reached, and verifies and strips it. `progress` (may be NULL) is called for each module with how many are done and how many
 * are known so far. */
LINTEL_API lintel_result lintel_packer_resolve(lintel_packer* packer,
                                               void (*progress)(void* context, const char* module, size_t done,
                                                                size_t known),
                                               void* context);

/* What becomes of what a pack may hold. */
typedef enum lintel_pack_fate {
    LINTEL_PACK_KEPT = 0,    /* it goes in */
    LINTEL_PACK_DROPPED = 1, /* it was to be had, and nothing reached it; or lintel_packer_drop has said so */
    LINTEL_PACK_FILE = 2,    /* a file, not a module */
    LINTEL_PACK_MISSING = 3  /* a function that is called and is nowhere */
} lintel_pack_fate;

/* A line of the report on what a pack holds. */
typedef struct lintel_pack_note {
    size_t size;                  /* sizeof(lintel_pack_note) */
    lintel_pack_fate fate;        /* what becomes of it */
    const char* name;             /* of the module, file or function */
    const char* application;      /* "stdlib-4.2", or "" */
    const char* why;              /* who reaches it, or why it is not in */
    size_t count, original_count; /* bytes in the pack, and before */
} lintel_pack_note;

/* After lintel_packer_resolve: what is in and what is not, and why; parts are good during the call. */
LINTEL_API lintel_result lintel_packer_report(lintel_packer* packer,
                                              void (*note)(void* context, const lintel_pack_note* note), void* context);

/* After lintel_packer_resolve: writes the pack, or, if `executable` is not 0, a copy of the running program with the pack behind it, which must call
 * lintel_add_own_pack. Whatever is at `path` is replaced when all is written. */
LINTEL_API lintel_result lintel_packer_write(lintel_packer* packer, const char* path, int executable, size_t* count);

#ifdef __cplusplus
}
#endif

#endif /* LINTEL_LINTEL_H */
