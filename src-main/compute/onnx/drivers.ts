import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { release } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Where Linux keeps lists of Vulkan drivers. */
const vulkanFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d']
/** Where Windows keeps drivers: a new one changes the folder. */
const windowsDrivers = 'C:\\Windows\\System32\\DriverStore\\FileRepository'

/**
 * A text that changes when a graphics driver or device does: read from files in a moment, without starting a driver.
 * The system's release, names and times of driver lists, NVIDIA's version, vendors and devices.
 */
export async function driverMark(): Promise<string> {
  const parts = [
    release(),
    process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES ?? '',
    ...(await Promise.all([...vulkanFolders, windowsDrivers].map(folderMark))),
    (await textOf('/proc/driver/nvidia/version'))?.split('\n')[0] ?? '',
    (await cards()).join(' ')
  ]
  return parts.filter(part => part !== '').join('; ')
}

async function folderMark(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => null)
  if (names === null) return ''
  const { mtimeMs } = await stat(folder)
  const shown = folder === windowsDrivers ? [] : names.sort() // thousands of names on Windows
  return [Math.round(mtimeMs), ...shown].join(' ')
}

/** `vendor:device` of each graphics card that Linux lists, in hexadecimal. */
async function cards(): Promise<string[]> {
  const root = '/sys/class/drm'
  const names = (await readdir(root).catch(() => [])).filter(name => /^card\d+$/.test(name)).sort()
  const ids = names.map(async name => {
    const [vendor, device] = await Promise.all(
      ['vendor', 'device'].map(file => textOf(join(root, name, 'device', file)))
    )
    return vendor === null || device === null ? '' : `${vendor.trim()}:${device.trim()}`
  })
  return (await Promise.all(ids)).filter(id => id !== '')
}

/** Commands that name the graphics device, by platform; each takes up to some seconds. */
const questions: Readonly<Partial<Record<NodeJS.Platform, readonly [string, readonly string[]]>>> = {
  linux: ['nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader']],
  win32: [
    'powershell',
    [
      '-NoProfile',
      '-Command',
      'Get-CimInstance Win32_VideoController | % { "$($_.Name), $($_.DriverVersion)" }'
    ]
  ],
  darwin: ['sysctl', ['-n', 'machdep.cpu.brand_string']]
}

/** The graphics device and its driver in words, for people; null when the system does not say. */
export async function describeAdapter(): Promise<string | null> {
  const question = questions[process.platform]
  const answer = question ? await outputOf(...question) : null
  if (answer !== null) return answer
  const ids = await cards()
  return ids.length > 0 ? `graphics card ${ids.join(', ')}` : null
}

async function outputOf(command: string, words: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(command, words, { timeout: 10_000, windowsHide: true })
    return stdout.trim().split(/\r?\n/)[0] || null
  } catch {
    return null // no such command, or no such device: the description is a courtesy
  }
}

async function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
}
