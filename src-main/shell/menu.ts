import { Menu, shell, type MenuItemConstructorOptions } from 'electron'
import { externalPages, type ExternalPage } from './externalPages.ts'

/** The window's menu: the system's usual entries and links to the papers. */
export function installMenu(development: boolean): void {
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
    ...(development ? ([{ role: 'reload' }, { role: 'toggleDevTools' }] as const) : [])
  ]
  const help = (Object.keys(externalPages) as ExternalPage[]).map(key => ({
    label: externalPages[key].title,
    click: () => void openExternalPage(key)
  }))
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    { label: 'View', submenu: view },
    { role: 'windowMenu' },
    { role: 'help', submenu: help }
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}

/** Opens a page of the table in the system's browser. */
export async function openExternalPage(key: ExternalPage): Promise<void> {
  if (Object.hasOwn(externalPages, key)) await shell.openExternal(externalPages[key].url)
}
