#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A file that appears under its name only when it is complete: written beside it, flushed to disk, then renamed.
///
/// Without a `commit` nothing is left behind. Whoever has the old file open or mapped keeps it.
struct AtomicFile: ~Copyable {
  private let path: String
  private let temporary: String
  private let operation: String
  private let descriptor: Int32
  private var isCommitted = false

  /// Starts a file; a symbolic link is followed, and the permissions of a file that is there are kept.
  ///
  /// - Throws: A `TensorError` of kind `file` with the path and the system's reason.
  init(path: String, operation: String) throws(TensorError) {
    if path.utf8.contains(0) { throw TensorError(.file, operation, "the path \(quoted(path)) contains a NUL") }
    var path = path
    var mode: mode_t = 0o666
    var old = stat()
    let exists = stat(path, &old) == 0
    if exists {
      if old.st_mode & S_IFMT != S_IFREG {
        throw TensorError(.file, operation, "\(quoted(path)) is not a regular file")
      }
      mode = old.st_mode & 0o777
      if let resolved = realpath(path, nil) {
        path = String(cString: resolved)
        free(resolved)
      }
    }
    let temporary = path + ".\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    if descriptor < 0 { throw systemError("write", path, operation) }
    if exists { fchmod(descriptor, mode) }
    self.path = path
    self.temporary = temporary
    self.operation = operation
    self.descriptor = descriptor
  }

  /// Appends bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(TensorError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      #if canImport(Glibc)
        let written = Glibc.write(descriptor, part.baseAddress, part.count)
      #elseif canImport(Musl)
        let written = Musl.write(descriptor, part.baseAddress, part.count)
      #else
        let written = Darwin.write(descriptor, part.baseAddress, part.count)
      #endif
      if written < 0 {
        if errno == EINTR { continue }
        throw systemError("write", path, operation)
      }
      rest = rest.dropFirst(written)
    }
  }

  /// Appends the eight bytes of a number, the lowest first.
  func write(littleEndian number: UInt64) throws(TensorError) {
    try withUnsafeBytes(of: number.littleEndian) { (bytes) throws(TensorError) in try write(bytes) }
  }

  /// Gives the complete file its name.
  mutating func commit() throws(TensorError) {
    if fsync(descriptor) != 0 || rename(temporary, path) != 0 { throw systemError("write", path, operation) }
    isCommitted = true
    // The new name is on disk only once its directory is; not every file system can flush one.
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let handle = open(directory, O_RDONLY | O_CLOEXEC)
    if handle >= 0 {
      fsync(handle)
      close(handle)
    }
  }

  deinit {
    close(descriptor)
    if !isCommitted { unlink(temporary) }
  }
}
