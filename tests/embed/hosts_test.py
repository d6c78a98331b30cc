"""The hosts of examples/hosts: game keeps its frames and its animals move; server answers many clients at once."""
import re
import socket
import subprocess
import sys
import threading

beams, game, server = sys.argv[1:]
CLIENTS, DEPOSITS = 20, 50


def play():
    said = subprocess.run([game, beams, "30"], check=True, capture_output=True, text=True, timeout=60).stdout
    frames = re.search(r"^30 frames, \d+ of them late, (\d+) reductions a frame$", said, re.MULTILINE)
    assert frames and int(frames.group(1)) > 0 and "*" in said, said


def lines(port, wanted):
    """The answers to the lines, sent one after another."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection, connection.makefile("rw") as file:
        answers = []
        for line in wanted:
            file.write(line + "\n")
            file.flush()
            answers.append(file.readline().rstrip("\n"))
        return answers


def serve():
    with subprocess.Popen([server, beams], stdout=subprocess.PIPE, text=True) as process:
        try:
            port = int(process.stdout.readline().split()[-1])
            threads = [threading.Thread(target=lines, args=(port, ["deposit 1"] * DEPOSITS)) for _ in range(CLIENTS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            total = CLIENTS * DEPOSITS
            assert lines(port, ["balance", "withdraw 1", f"withdraw {total}", "withdraw (", ""]) == [
                str(total), "{ok,1}", "{error,insufficient_funds}", "what?", "what?"]
            assert lines(port, ["nothing"])[0].startswith("{error,undef,")
        finally:
            process.kill()


play()
serve()
