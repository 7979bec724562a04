//! Brotli, RFC 7932, in bounded memory: the format lets a sender choose a window of 16 MiB, which the
//! decoder would fill before it gave anything out.

use std::io::{self, Write};

use brotli_decompressor::{
    Allocator, BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc,
};

/// Bytes that the decoder may have in one piece. It takes as much as has come out and as the next block
/// says that it holds, up to the window: pages of up to 2 MiB in one block are read, whatever their window.
const MAX_PIECE_BYTES: usize = 2 * 1024 * 1024 + 4096;

/// Bytes that come out at once.
const BUFFER_BYTES: usize = 4096;

/// Gives out pieces of memory up to [`MAX_PIECE_BYTES`]; for a larger one, an empty one, which the decoder
/// takes for “no”.
#[derive(Default)]
struct Sparing {
    of: StandardAlloc,
    has_refused: bool,
}

type Memory = <StandardAlloc as Allocator<u8>>::AllocatedMemory;

impl Allocator<u8> for Sparing {
    type AllocatedMemory = Memory;

    fn alloc_cell(&mut self, bytes: usize) -> Memory {
        if bytes > MAX_PIECE_BYTES {
            self.has_refused = true;
            return Memory::default();
        }
        self.of.alloc_cell(bytes)
    }

    fn free_cell(&mut self, memory: Memory) {
        <StandardAlloc as Allocator<u8>>::free_cell(&mut self.of, memory);
    }
}

/// A decoder that writes to `W` what comes out.
pub(super) struct Brotli<W> {
    state: BrotliState<Sparing, StandardAlloc, StandardAlloc>,
    buffer: Box<[u8; BUFFER_BYTES]>,
    total_out: usize,
    is_over: bool,
    /// Where it writes to.
    pub(super) out: W,
}

impl<W: Write> Brotli<W> {
    pub(super) fn new(out: W) -> Self {
        let dictionary = Memory::default();
        Self {
            state: BrotliState::new_with_custom_dictionary(
                Sparing::default(),
                StandardAlloc::default(),
                StandardAlloc::default(),
                dictionary,
            ),
            buffer: Box::new([0; BUFFER_BYTES]),
            total_out: 0,
            is_over: false,
            out,
        }
    }

    /// Decodes `bytes`, all of them.
    ///
    /// # Errors
    /// Those of the writer; and [`io::ErrorKind::InvalidData`], for what is not Brotli, comes after its end,
    /// or asks for too much memory.
    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (mut in_left, mut in_at) = (bytes.len(), 0);
        while !self.is_over {
            let (mut out_left, mut out_at) = (BUFFER_BYTES, 0);
            let result = BrotliDecompressStream(
                &mut in_left,
                &mut in_at,
                bytes,
                &mut out_left,
                &mut out_at,
                self.buffer.as_mut_slice(),
                &mut self.total_out,
                &mut self.state,
            );
            self.out
                .write_all(self.buffer.get(..out_at).unwrap_or_default())?;
            match result {
                BrotliResult::NeedsMoreInput => return Ok(()),
                BrotliResult::NeedsMoreOutput => {}
                BrotliResult::ResultSuccess => self.is_over = true,
                BrotliResult::ResultFailure if self.state.alloc_u8.has_refused => {
                    return Err(invalid("it asks for too much memory"));
                }
                BrotliResult::ResultFailure => return Err(invalid("no Brotli")),
            }
        }
        if in_left == 0 {
            Ok(())
        } else {
            Err(invalid("something after the end"))
        }
    }

    /// Says that nothing more comes.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`], if something should.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        if self.is_over {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
