/** Reads what the files of a replay say of themselves, without a library that also wrote them. */

const text = (bytes: Buffer, from: number, length: number): string =>
  bytes.subarray(from, from + length).toString('latin1')

/** Pictures and size of a GIF. @throws Error where it is broken */
export function readGif(bytes: Buffer): { frames: number; width: number; height: number } {
  if (text(bytes, 0, 6) !== 'GIF89a') throw new Error('no GIF89a')
  const tableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1))
  let at = 13 + tableBytes(bytes[10])
  const skipBlocks = (): void => {
    while (bytes[at] > 0) at += bytes[at] + 1
    at++
  }
  let frames = 0
  for (;;) {
    const kind = bytes[at]
    if (kind === 0x3b) return { frames, width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
    if (kind === 0x21) at += 2
    else if (kind === 0x2c) {
      frames++
      at += 11 + tableBytes(bytes[at + 9])
    } else throw new Error(`a block of kind ${kind} at ${at}`)
    skipBlocks()
  }
}

/** Size of a PNG. @throws Error where it is none */
export function readPng(bytes: Buffer): { width: number; height: number } {
  if (text(bytes, 1, 3) !== 'PNG' || text(bytes, bytes.length - 8, 4) !== 'IEND') throw new Error('no PNG')
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

/** Names of the files in a zip, from its directory. @throws Error without one */
export function readZip(bytes: Buffer): string[] {
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  if (end < 0) throw new Error('no directory of a zip')
  let at = bytes.readUInt32LE(end + 16)
  return Array.from({ length: bytes.readUInt16LE(end + 10) }, () => {
    if (text(bytes, at, 4) !== 'PK\x01\x02') throw new Error(`no entry at ${at}`)
    const [name, extra, comment] = [28, 30, 32].map(offset => bytes.readUInt16LE(at + offset))
    const found = text(bytes, at + 46, name)
    at += 46 + name + extra + comment
    return found
  })
}
