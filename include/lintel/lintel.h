/* Lintel: an Erlang virtual machine inside your program.
 *
 * C99. Every comment says who owns what and which thread may call. No function exits the program or throws. Several VMs
 * may live in one program, at the same time and on different threads; they share nothing. "Any thread" means just that;
 * where nothing is said, one thread at a time may call functions of one VM. The library never keeps a pointer that it
 * was given, callbacks and their context excepted.
 */
#ifndef LINTEL_LINTEL_H
#define LINTEL_LINTEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LINTEL_VERSION_MAJOR 0
#define LINTEL_VERSION_MINOR 1
#define LINTEL_VERSION_PATCH 0
/* One number, to compare: #if LINTEL_VERSION >= LINTEL_VERSION_OF(0, 2, 0) */
#define LINTEL_VERSION_OF(major, minor, patch) ((major)*1000000 + (minor)*1000 + (patch))
#define LINTEL_VERSION LINTEL_VERSION_OF(LINTEL_VERSION_MAJOR, LINTEL_VERSION_MINOR, LINTEL_VERSION_PATCH)

#if defined(__GNUC__)
#define LINTEL_API __attribute__((visibility("default")))
#else
#define LINTEL_API
#endif

/* Marks what the caller must release with the function named in the comment. */
#define LINTEL_OWNED

typedef struct lintel_vm lintel_vm;

typedef enum lintel_result {
    LINTEL_OK = 0,
    LINTEL_ERROR_ARGUMENT = 1,    /* a wrong argument, or a call at the wrong time */
    LINTEL_ERROR_NOT_FOUND = 2,   /* no such file, module or function */
    LINTEL_ERROR_BAD_FILE = 3,    /* a file that is no BEAM file, or is broken, or breaks a rule of the verifier */
    LINTEL_ERROR_UNSUPPORTED = 4, /* needs what this VM lacks */
    LINTEL_ERROR_MEMORY = 5,
    LINTEL_ERROR_SYSTEM = 6 /* the operating system refused */
} lintel_result;

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

/* Configuration of a VM. Filled in by lintel_config_init; fields are only ever added, at the end, so that a program
 * keeps working with a later library. */
/* What is to become of a signal of the operating system. */
typedef enum lintel_signal_action {
    LINTEL_SIGNAL_DEFAULT = 0,
    LINTEL_SIGNAL_IGNORE = 1,
    LINTEL_SIGNAL_HANDLE = 2 /* lintel_signal is called when it comes */
} lintel_signal_action;

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
    lintel_profile profile;
    unsigned rights; /* LINTEL_RIGHT_… bits: what Erlang code may do besides computing; 0: nothing more */
    /* os:set_signal/2: the program wants to be told of a signal ("sigterm", "sigusr1", …), or not. 0, or an errno value. NULL: signals are the
     * host's own matter, and os:set_signal fails with notsup. Any thread of the VM. */
    int (*set_signal)(void* context, const char* name, lintel_signal_action action);
    int break_ignored;        /* not 0: the host does nothing on Ctrl-C, and OTP's shell is not to offer to quit */
    size_t dist_buffer_limit; /* bytes queued for another node from which on senders wait; 0: 1 MiB */
    /* The program has halted, but native functions (LINTEL_RIGHT_NIFS) run for long that nobody can stop. May end the host program, with `status`; if it
     * returns, or is NULL, they are waited for. Called once, on the thread of lintel_run or lintel_boot. */
    void (*abandon)(void* context, int status);
} lintel_config;

/* The library's version as text, "0.1.0" (static), and as a number like LINTEL_VERSION. Any thread. */
LINTEL_API const char* lintel_version(void);
LINTEL_API int lintel_version_number(void);

/* What a result means, in a few words; static. Any thread. */
LINTEL_API const char* lintel_result_text(lintel_result result);

/* Fills in defaults: lintel_config_init(&config, sizeof config). Any thread. */
LINTEL_API void lintel_config_init(lintel_config* config, size_t size);

/* Makes a VM. No thread is started yet. Any thread. On failure *vm is NULL: LINTEL_ERROR_ARGUMENT for a configuration that makes no sense,
 * LINTEL_ERROR_MEMORY. Release with lintel_vm_destroy. */
LINTEL_API lintel_result lintel_vm_create(const lintel_config* config, LINTEL_OWNED lintel_vm** vm);

/* Ends whatever runs and frees everything. Waits for callbacks that are running; none is called afterwards. NULL is allowed.
 * Not from a callback. */
LINTEL_API void lintel_vm_destroy(lintel_vm* vm);

/* What went wrong in the last call that did not return LINTEL_OK: one line, without a newline; "" if none did. Owned by the
 * VM, good until its next call. */
LINTEL_API const char* lintel_error(const lintel_vm* vm);

/* Adds a directory that modules are looked up in, before those added earlier. Before lintel_run. */
LINTEL_API lintel_result lintel_add_code_path(lintel_vm* vm, const char* directory);

/* Loads a module now, from a file or from memory. `file` is for messages only; the bytes may go when the call returns.
 * *module (if not NULL) gets the module's name, owned by the VM and good until the next load. Before lintel_run. */
LINTEL_API lintel_result lintel_load_file(lintel_vm* vm, const char* path, const char** module);
LINTEL_API lintel_result lintel_load_memory(lintel_vm* vm, const void* bytes, size_t count, const char* file,
                                            const char** module);
/* Loads a module by name from the code path, unless it is loaded. Before lintel_run. */
LINTEL_API lintel_result lintel_load_module(lintel_vm* vm, const char* module);

/* Calls `function` of `module` in a new process and runs the VM until that process ends or the program halts. With
 * function NULL: main/1 with the arguments as a list of strings, main/0, or start/0, whichever is exported first. An
 * uncaught error is printed to stream 2. *status (if not NULL) gets the exit status: 0, what halt said, or 1 after an
 * error. Blocks; once per VM. Needs an OTP: nearly all code calls its modules. The calling thread is the first scheduler meanwhile:
 * it runs Erlang code and calls back; let it have a stack of 1 MiB, as the VM's own threads do. */
LINTEL_API lintel_result lintel_run(lintel_vm* vm, const char* module, const char* function, int argc,
                                    const char* const* argv, int* status);

/* Boots the OTP installation of the configuration (LINTEL_PROFILE_OTP), as its emulator does, and runs it until it halts. `argv` is what `erl`
 * hands to the emulator behind its flags, from the first "-" that is init's on: "-root", DIR, "-bindir", DIR, "-progname", "erl", "--", "-home",
 * DIR, "--", … . *status (if not NULL) gets the exit status. Blocks; once per VM; the calling thread as for lintel_run. */
LINTEL_API lintel_result lintel_boot(lintel_vm* vm, int argc, const char* const* argv, int* status);

/* What lintel_run and lintel_boot give as the exit status of a program that has called erlang:halt(abort): the host may want to abort(). */
#define LINTEL_STATUS_ABORT 262

/* Tells the program of an operating system's signal, as OTP's emulator does: the message {notify, Name} to the process that is
 * registered as erl_signal_server, or else to init. "sigterm": the program stops as by init:stop(), with status 0; "sigquit": it halts;
 * "sigusr1": it halts with a crash dump; others have no effect unless the program sees to them. "sigcont", which no program is told of, makes a
 * terminal that is being edited on what it was before somebody else had it. Any thread while lintel_run runs, but not inside a signal handler. LINTEL_ERROR_NOT_FOUND: there is
 * nobody to tell, yet or any more. Does not change lintel_error. */
LINTEL_API lintel_result lintel_signal(lintel_vm* vm, const char* name);

/* What OTP's emulator does on Ctrl-C: stops all processes, shows its break menu on stdout and reads what to do from stdin; they go on
 * when that is done. Returns at once. Any thread while the VM runs, but not inside a signal handler. Again while the menu is shown:
 * the VM halts with status 0. Does not change lintel_error. */
LINTEL_API lintel_result lintel_break(lintel_vm* vm);

/* What a file needs that this VM lacks, one line each, through `line`, whose text is good during the call; *count (if not
 * NULL) gets how many. The file is not run. */
LINTEL_API lintel_result lintel_check_file(lintel_vm* vm, const char* path,
                                           void (*line)(void* context, const char* text), void* context, size_t* count);

/* A file's chunks and code as text, through `line`. `function` is "name/arity", or NULL for all. */
LINTEL_API lintel_result lintel_disassemble_file(lintel_vm* vm, const char* path, const char* function,
                                                 void (*line)(void* context, const char* text), void* context);

#ifdef __cplusplus
}
#endif

#endif /* LINTEL_LINTEL_H */
