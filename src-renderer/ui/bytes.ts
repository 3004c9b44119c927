/** Bytes for people: 812 B, 3.4 kB, 120 MB, 1.2 GB. */
export function byteText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = ''
  for (unit of units) {
    value /= 1000
    if (value < 999.5) break
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}
