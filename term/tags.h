#pragma once
/// Tags of term words and kinds of header words: the numbers that the interpreter, the collector and a JIT share.
///
/// A term is one 64-bit word; its low three bits say what it is:
///
///     000  not a term: word 0 is the non-value, every header word ends in 000
///     001  cons: pointer to two words (head, tail)
///     010  boxed: pointer to a header word and its body
///     011  float, magnitude from 2^-255 up to 2
///     100  float, magnitude from 2 up to 2^257
///     101  other immediates, told apart by bits 3-5 (see Imm)
///     110  never a term: return address on the stack, forwarding pointer in from-space, register operand in code
///     111  small integer, 61 bits, two's complement; all ones so that one AND tests two of them
///
/// A float is its IEEE word rotated left by four: the three low bits are then the top three exponent bits, which
/// are 011 or 100 for the magnitudes named. +0.0 and -0.0 are immediates; all other floats are boxed.
/// (Melancon, Serrano, Feeley: Float Self-Tagging, 2025.)
///
/// A header word is the first word of a boxed object:
///
///     63            32 31          8 7      3 2 0
///    +----------------+-------------+--------+---+
///    |      aux       | size, words |  kind  |000|      size counts the words after the header
///    +----------------+-------------+--------+---+

#include "base/word.h"

namespace lintel {

enum class Tag : uint8_t {
    header = 0,
    cons = 1,
    boxed = 2,
    float_low = 3,
    float_high = 4,
    immediate = 5,
    code = 6,
    small = 7,
};

inline constexpr Word kTagBits = 3;
inline constexpr Word kTagMask = 7;

/// Bits 3-5 of a word with Tag::immediate.
enum class Imm : uint8_t {
    atom = 0,     ///< bits 6-63: address of the AtomEntry
    pid = 1,      ///< bits 6-63: process identifier data
    port = 2,     ///< bits 6-63: port identifier data
    special = 3,  ///< bits 6-63: a Special
    catch_ = 4,   ///< bits 6-63: address of handler code; lives in Y registers only
};

inline constexpr Word kImmShift = 6;
inline constexpr Word kImmMask = 63;

constexpr Word imm_tag(Imm imm) { return (static_cast<Word>(imm) << kTagBits) | static_cast<Word>(Tag::immediate); }

enum class Special : uint8_t { nil = 0, positive_zero = 1, negative_zero = 2 };

constexpr Word special_word(Special s) { return (static_cast<Word>(s) << kImmShift) | imm_tag(Imm::special); }

/// Kinds of boxed objects. "raw" words are never looked at by the collector.
enum class Kind : uint8_t {
    // kind 0 is not used, so that no header is word 0
    tuple = 1,          ///< size elements
    map_flat = 2,       ///< keys (a tuple, sorted), then size-1 values
    map_hash = 3,       ///< small: number of pairs; root node
    map_node = 4,       ///< aux: data bitmap (low 16) and child bitmap (high 16); pairs, then children
    map_collision = 5,  ///< pairs with equal hash
    record = 6,         ///< definition (a tuple of atoms: term/record.h), then size-1 values
    fun = 7,            ///< raw: FunEntry*; creator pid; environment terms.  aux: arity
    last_with_terms = fun,

    export_fun = 8,      ///< raw: Export*
    boxed_float = 9,     ///< raw: IEEE double
    bignum = 10,         ///< raw: limbs, least significant first, no leading zero.  aux bit 0: negative
    heap_binary = 11,    ///< raw: bytes, padded with zeros to whole words.  aux: number of bytes (at most 64)
    ref = 12,            ///< raw: 2 words of number; a third word (a pid term) if it is an alias
    external_pid = 13,   ///< raw: node (atom term), creation, number | serial << 32
    external_port = 14,  ///< raw: node (atom term), creation, number
    external_ref = 15,   ///< raw: node (atom term), creation, then numbers, two 32-bit to a word.  aux: how many

    // In the off-heap list of the area that holds them: the second raw word links to the next.
    refc_binary = 20,  ///< raw: BinaryData*, link, size in bytes, flags
    magic_ref = 21,    ///< raw: Magic*, link, 2 words of number

    // Point into another binary.
    sub_binary = 24,  ///< term: heap_binary or refc_binary; raw: offset in bits, size in bits
    match_context =
        25,  ///< term: the same; raw: base address, position in bits, end in bits, start in bits; saved positions
};

inline constexpr Word kKindShift = 3;
inline constexpr Word kKindMask = 31;
inline constexpr Word kSizeShift = 8;
inline constexpr Word kSizeMask = (1u << 24) - 1;
inline constexpr Word kAuxShift = 32;

/// Largest tuple; reference manual, "System limits".
inline constexpr size_t kMaxTupleArity = kSizeMask;
/// Largest bignum, in 64-bit limbs. Beyond it arithmetic fails with system_limit. (1 bsl 33554367 is fine, 1 bsl 33554368 is not.)
inline constexpr size_t kMaxBignumLimbs = (1u << 19) - 1;
/// Binaries of up to this many bytes live on the heap.
inline constexpr size_t kMaxHeapBinaryBytes = 64;
/// Maps of up to this many pairs are flat.
inline constexpr size_t kMaxFlatMapSize = 32;

constexpr Word make_header(Kind kind, size_t size, uint32_t aux = 0) {
    return (static_cast<Word>(aux) << kAuxShift) | (static_cast<Word>(size) << kSizeShift) |
           (static_cast<Word>(kind) << kKindShift);
}
constexpr Kind header_kind(Word header) { return static_cast<Kind>((header >> kKindShift) & kKindMask); }
constexpr size_t header_size(Word header) { return (header >> kSizeShift) & kSizeMask; }
constexpr uint32_t header_aux(Word header) { return static_cast<uint32_t>(header >> kAuxShift); }

}  // namespace lintel
