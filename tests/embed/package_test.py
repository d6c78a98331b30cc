"""Installs into an empty folder, then builds and runs a program against that: by CMake package, by pkg-config, static, shared."""
import argparse
import os
import pathlib
import subprocess
import tempfile

CMAKE = """cmake_minimum_required(VERSION 3.23)
project(host C)
find_package(lintel 0.1 REQUIRED)
foreach(kind lintel lintel_static)
  add_executable(host_${kind} host.c)
  target_compile_options(host_${kind} PRIVATE ${FLAGS})
  target_link_options(host_${kind} PRIVATE ${FLAGS})
  target_link_libraries(host_${kind} PRIVATE lintel::${kind})
endforeach()
"""
PROGRAM = """#include <lintel/lintel.h>
#include <stdio.h>
int main(int argc, char** argv) {
    lintel_config config;
    lintel_vm* vm;
    int status = 9;
    lintel_config_init(&config, sizeof config);
    if (argc != 2 || lintel_vm_create(&config, &vm) != LINTEL_OK) return 2;
    lintel_add_code_path(vm, argv[1]);
    if (lintel_run(vm, "guest", "hello", 0, NULL, &status) != LINTEL_OK) puts(lintel_error(vm));
    lintel_vm_destroy(vm);
    return status;
}
"""


def run(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, text=True, **options)


def hello(program, beams, library):
    done = run(program, beams, stdout=subprocess.PIPE, env=dict(os.environ, LD_LIBRARY_PATH=str(library)))
    assert done.stdout == "hello\n", done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("beams")
    parser.add_argument("--flags", default="")
    options = parser.parse_args()
    flags = [options.flags] if options.flags else []
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder)
        prefix = top / "prefix"
        run("cmake", "--install", options.build, "--prefix", prefix, stdout=subprocess.DEVNULL)
        library = next(prefix.rglob("liblintel.a")).parent
        headers = sorted(str(h.relative_to(prefix / "include")) for h in (prefix / "include").rglob("*.*"))
        assert headers == ["lintel/erl_driver.h", "lintel/erl_drv_nif.h", "lintel/erl_nif.h", "lintel/lintel.h", "lintel/lintel.hpp"], headers
        assert (prefix / "bin/lintel").is_file() and (prefix / "share/man/man1/lintel.1").is_file()
        assert (prefix / "share/man/man3/lintel_call_begin.3").read_text() == ".so man3/lintel.3\n"
        # The command with its scripts, from where they are installed.
        run(prefix / "bin/lintel", "conformance", "--help", stdout=subprocess.DEVNULL)
        source = top / "source"
        source.mkdir()
        (source / "CMakeLists.txt").write_text(CMAKE)
        (source / "host.c").write_text(PROGRAM)
        run("cmake", "-S", source, "-B", top / "build", f"-DCMAKE_PREFIX_PATH={prefix}", "-DFLAGS=" + ";".join(flags),
            stdout=subprocess.DEVNULL)
        run("cmake", "--build", top / "build", stdout=subprocess.DEVNULL)
        for kind in ("lintel", "lintel_static"):
            hello(top / "build" / f"host_{kind}", options.beams, library)
        for static in ([], ["--static"]):
            got = run("pkg-config", *static, "--cflags", "--libs", "lintel", stdout=subprocess.PIPE,
                      env=dict(os.environ, PKG_CONFIG_PATH=str(library / "pkgconfig"))).stdout.split()
            if static:  # as one links one library of several statically
                got = ["-l:liblintel.a" if word == "-llintel" else word for word in got]
            run("cc", *flags, source / "host.c", "-o", top / "host", *got)
            hello(top / "host", options.beams, library)


if __name__ == "__main__":
    main()
