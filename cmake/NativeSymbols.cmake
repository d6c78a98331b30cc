# What native libraries call (stdlib/native/functions.h): who has it must show it to the dynamic linker.
set(LINTEL_NATIVE_SYMBOLS enif_* driver_* erl_drv_* erl_errno_id add_driver_entry remove_driver_entry set_busy_port set_port_control_flags
    get_port_flags null_func)
list(TRANSFORM LINTEL_NATIVE_SYMBOLS PREPEND "-Wl,--export-dynamic-symbol=" OUTPUT_VARIABLE LINTEL_NATIVE_EXPORTS)
