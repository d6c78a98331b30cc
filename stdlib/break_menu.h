#pragma once
/// The break menu: what Ctrl-C in a terminal shows, as OTP's emulator does it.

namespace lintel {

class Vm;

/// Shows the menu on stdout and does what is typed on stdin, in lines, until somebody wants to go on. For Vm::interrupt. At the end of stdin, or when
/// somebody says so, it halts the VM with status 0.
void break_menu(Vm& vm);

}  // namespace lintel
