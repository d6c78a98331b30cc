/// Clocks and calendars. Native time is in nanoseconds.

#include <ctime>

#include "sched/vm.h"
#include "stdlib/build.h"
#include "term/views.h"

namespace lintel {

namespace {

constexpr int64_t kNsPerSecond = 1000000000;

__extension__ using Wide = unsigned __int128;

/// Nanoseconds `ns` in `unit` (an atom or parts per second, below 2^64), rounded down. The non-value: not a unit.
Term in_unit(ExecState& p, int64_t ns, Term unit) {
    uint64_t parts = 0;
    switch (atom_id(unit)) {
        case AtomId::native:
        case AtomId::nanosecond:
        case AtomId::nano_seconds:
        case AtomId::perf_counter: return make_integer(p, ns);
        case AtomId::microsecond:
        case AtomId::micro_seconds: parts = 1000000; break;
        case AtomId::millisecond:
        case AtomId::milli_seconds: parts = 1000; break;
        case AtomId::second:
        case AtomId::seconds: parts = 1; break;
        default: {
            const auto big = as_bignum(unit);
            if (unit.is_small() && unit.to_small() > 0) {
                parts = static_cast<uint64_t>(unit.to_small());
            } else if (big && !big.negative() && big.limbs().size() == 1) {
                parts = big.limbs()[0];
            } else {
                return Term::none();
            }
        }
    }
    if (parts <= kNsPerSecond && kNsPerSecond % parts == 0) {
        return make_integer(p, Vm::floor_divide(ns, kNsPerSecond / static_cast<int64_t>(parts)));
    }
    const Wide magnitude = static_cast<Wide>(ns < 0 ? -static_cast<uint64_t>(ns) : static_cast<uint64_t>(ns)) * parts;
    const Wide quotient = magnitude / kNsPerSecond + (ns < 0 && magnitude % kNsPerSecond != 0 ? 1 : 0);
    const Word limbs[2] = {static_cast<Word>(quotient), static_cast<Word>(quotient >> 64)};
    return p.reserve(3).integer_from_limbs(limbs, ns < 0);
}

Term in_unit_or_badarg(ExecState& p, int64_t ns, Term unit) {
    if (const auto parts = as_bignum(unit); parts && !parts.negative() && parts.limbs().size() > 1) {
        const ExportEntry* convert = p.vm->code.export_entry(am::erlang(), p.vm->atoms.intern("convert_time_unit"), 3);
        return p.trap(convert, {make_integer(p, ns), am::native(), unit});
    }
    const Term t = in_unit(p, ns, unit);
    return t.is_value() ? t : p.badarg();
}

Term mega_seconds(ExecState& p, int64_t us) {
    return make_tuple3(p, Term::small(us / 1000000000000), Term::small(us / 1000000 % 1000000),
                       Term::small(us % 1000000));
}

Vm& vm_of(ExecState& p) { return as_process(p).machine(); }

}  // namespace

Term monotonic_time_0(ExecState& p, Args) { return make_integer(p, vm_of(p).monotonic_ns()); }
Term monotonic_time_1(ExecState& p, Args a) { return in_unit_or_badarg(p, vm_of(p).monotonic_ns(), a[0]); }
Term system_time_0(ExecState& p, Args) { return make_integer(p, vm_of(p).system_ns()); }
Term system_time_1(ExecState& p, Args a) { return in_unit_or_badarg(p, vm_of(p).system_ns(), a[0]); }
Term time_offset_0(ExecState& p, Args) { return make_integer(p, vm_of(p).time_offset_ns()); }
Term time_offset_1(ExecState& p, Args a) { return in_unit_or_badarg(p, vm_of(p).time_offset_ns(), a[0]); }
Term os_system_time_0(ExecState& p, Args) { return make_integer(p, vm_of(p).os_system_ns()); }
Term os_system_time_1(ExecState& p, Args a) { return in_unit_or_badarg(p, vm_of(p).os_system_ns(), a[0]); }
Term os_perf_counter_0(ExecState& p, Args) { return make_integer(p, vm_of(p).raw_monotonic_ns()); }
Term erts_internal_time_unit_0(ExecState&, Args) { return Term::small(kNsPerSecond); }
Term erts_internal_perf_counter_unit_0(ExecState&, Args) { return Term::small(kNsPerSecond); }

Term timestamp_0(ExecState& p, Args) { return mega_seconds(p, vm_of(p).system_ns() / 1000); }
Term os_timestamp_0(ExecState& p, Args) { return mega_seconds(p, vm_of(p).os_system_ns() / 1000); }

/// erlang:now/0: as timestamp/0, but never the same twice.
Term now_0(ExecState& p, Args) { return mega_seconds(p, vm_of(p).unique_now_us()); }

// ---- calendars

namespace {

struct DateTime {
    int64_t year;
    int month, day, hour, minute, second;
};

/// Days from 1970-01-01 to the date; proleptic Gregorian calendar. Counts years from March, so that the leap day is the last.
int64_t days_from_date(int64_t year, int month, int day) {
    if (month <= 2) --year;
    const int64_t era = Vm::floor_divide(year, 400);
    const int64_t of_era = year - era * 400;
    const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

DateTime from_posix(int64_t seconds) {
    const int64_t days = Vm::floor_divide(seconds, 86400);
    const int in_day = static_cast<int>(seconds - days * 86400);
    const int64_t z = days + 719468;
    const int64_t era = Vm::floor_divide(z, 146097);
    const int64_t of_era = z - era * 146097;
    const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int month_from_march = static_cast<int>((5 * of_year + 2) / 153);
    DateTime t;
    t.day = static_cast<int>(of_year - (153 * month_from_march + 2) / 5 + 1);
    t.month = month_from_march + (month_from_march < 10 ? 3 : -9);
    t.year = year_of_era + era * 400 + (t.month <= 2 ? 1 : 0);
    t.hour = in_day / 3600;
    t.minute = in_day / 60 % 60;
    t.second = in_day % 60;
    return t;
}

int64_t to_posix(const DateTime& t) {
    return days_from_date(t.year, t.month, t.day) * 86400 + t.hour * 3600 + t.minute * 60 + t.second;
}

Term date_tuple(ExecState& p, const DateTime& t) {
    return make_tuple3(p, make_integer(p, t.year), Term::small(t.month), Term::small(t.day));
}
Term time_tuple(ExecState& p, const DateTime& t) {
    return make_tuple3(p, Term::small(t.hour), Term::small(t.minute), Term::small(t.second));
}
Term date_time(ExecState& p, const DateTime& t) { return make_tuple2(p, date_tuple(p, t), time_tuple(p, t)); }

/// Years that OTP takes: beginning with the first of the Gregorian calendar's cycle that has the reform, or with the first that every system
/// has local times for.
constexpr int64_t kFirstYear = 1600;
constexpr int64_t kFirstLocalYear = 1902;
constexpr int64_t kLastYear = 2147483646;

/// {{Y, Mo, D}, {H, Mi, S}} with numbers that are a date and a time.
bool parse_date_time(Term term, int64_t first_year, DateTime* out) {
    const auto pair = as_tuple(term, 2);
    if (!pair) return false;
    const auto date = as_tuple(pair[0], 3), time = as_tuple(pair[1], 3);
    if (!date || !time) return false;
    for (size_t i = 0; i < 3; ++i) {
        if (!date[i].is_small() || !time[i].is_small()) return false;
    }
    const int64_t y = date[0].to_small(), mo = date[1].to_small(), d = date[2].to_small();
    const int64_t h = time[0].to_small(), mi = time[1].to_small(), s = time[2].to_small();
    if (y < first_year || y > kLastYear || mo < 1 || mo > 12 || d < 1) return false;
    static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (d > kDays[mo - 1] + (mo == 2 && leap ? 1 : 0)) return false;
    if (h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 59) return false;
    *out = {
        y, static_cast<int>(mo), static_cast<int>(d), static_cast<int>(h), static_cast<int>(mi), static_cast<int>(s)};
    return true;
}

/// Whether local time is that of the system.
bool knows_place(const ExecState& p) { return static_cast<const Vm*>(p.vm)->knows_time(); }

bool to_local(const ExecState& p, int64_t posix, DateTime* out) {
    const auto t = static_cast<time_t>(posix);
    tm local;
    if ((knows_place(p) ? localtime_r(&t, &local) : gmtime_r(&t, &local)) == nullptr) return false;
    *out = {local.tm_year + int64_t{1900}, local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec};
    return true;
}

DateTime local_now(ExecState& p) {
    const int64_t now = Vm::floor_divide(vm_of(p).os_system_ns(), kNsPerSecond);
    DateTime t;
    return to_local(p, now, &t) ? t : from_posix(now);
}

}  // namespace

Term date_0(ExecState& p, Args) { return date_tuple(p, local_now(p)); }
Term time_0(ExecState& p, Args) { return time_tuple(p, local_now(p)); }
Term localtime_0(ExecState& p, Args) { return date_time(p, local_now(p)); }
Term universaltime_0(ExecState& p, Args) {
    return date_time(p, from_posix(Vm::floor_divide(vm_of(p).os_system_ns(), kNsPerSecond)));
}

/// erlang:universaltime_to_localtime/1. Fails: badarg.
Term universaltime_to_localtime_1(ExecState& p, Args a) {
    DateTime t;
    if (!parse_date_time(a[0], kFirstLocalYear, &t) || !to_local(p, to_posix(t), &t)) return p.badarg();
    return date_time(p, t);
}

/// erlang:localtime_to_universaltime/2 (DateTime, IsDst: true | false | undefined). Fails: badarg.
Term localtime_to_universaltime_2(ExecState& p, Args a) {
    DateTime t;
    if (!parse_date_time(a[0], kFirstLocalYear, &t)) return p.badarg();
    tm local{};
    local.tm_year = static_cast<int>(t.year - 1900);
    local.tm_mon = t.month - 1;
    local.tm_mday = t.day;
    local.tm_hour = t.hour;
    local.tm_min = t.minute;
    local.tm_sec = t.second;
    if (a[1] == am::true_()) {
        local.tm_isdst = 1;
    } else if (a[1] == am::false_()) {
        local.tm_isdst = 0;
    } else if (a[1] == am::undefined()) {
        local.tm_isdst = -1;
    } else {
        return p.badarg();
    }
    // Where there is no summer time, the C library takes an hour off for it all the same.
    constexpr time_t kSummerHour = 3600;
    const time_t posix = knows_place(p) ? mktime(&local) : timegm(&local) - (a[1] == am::true_() ? kSummerHour : 0);
    return date_time(p, from_posix(posix));
}

/// erlang:posixtime_to_universaltime/1.
Term posixtime_to_universaltime_1(ExecState& p, Args a) {
    if (a[0].is_small()) return date_time(p, from_posix(a[0].to_small()));
    const auto big = as_bignum(a[0]);
    if (!big || big.limbs().size() != 1) return p.badarg();
    const Word magnitude = big.limbs()[0];
    constexpr Word kMin = Word{1} << 63;
    if (magnitude > kMin || (magnitude == kMin && !big.negative())) return p.badarg();
    return date_time(p, from_posix(static_cast<int64_t>(big.negative() ? Word{0} - magnitude : magnitude)));
}

/// erlang:universaltime_to_posixtime/1.
Term universaltime_to_posixtime_1(ExecState& p, Args a) {
    DateTime t;
    return parse_date_time(a[0], kFirstYear, &t) ? make_integer(p, to_posix(t)) : p.badarg();
}

}  // namespace lintel
