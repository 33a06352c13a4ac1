// Loads the page's content again when the daemon says that something has changed. Pages work without it.

let source = null
let timer = null
let isLoading = false

const content = () => document.querySelector('main')

function isEdited(field) {
  if (field.type === 'hidden') return false
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked
  if (field instanceof HTMLSelectElement) {
    const options = [...field.options]
    const first = Math.max(0, options.findIndex((option) => option.defaultSelected))
    return field.multiple
      ? options.some((option) => option.selected !== option.defaultSelected) : field.selectedIndex !== first
  }
  return field.value !== field.defaultValue
}

/** Whether somebody is at something that would be lost: a field, a selection. */
function isBusy() {
  const main = content()
  const active = document.activeElement
  if (main.contains(active) && active.matches('input, textarea, select')) return true
  if ([...main.querySelectorAll('input, textarea, select')].some(isEdited)) return true
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed && main.contains(selection.anchorNode)
}

/** What tells an element from others in the old and the new content. */
const signature = (element) =>
  [element.tagName, element.id, element.getAttribute('href'), element.getAttribute('aria-label'), element.textContent].join('|')

const focusable = 'a[href], button, summary, [tabindex]'

function replace(next) {
  const old = content()
  const fresh = document.adoptNode(next.querySelector('main'))
  if (fresh.innerHTML === old.innerHTML) {
    old.dataset.change = fresh.dataset.change
    return
  }
  const focused = old.contains(document.activeElement) ? signature(document.activeElement) : null
  const scrolls = [...old.querySelectorAll('.scroll')].map((element) => [element.scrollLeft, element.scrollTop])
  const opened = [...old.querySelectorAll('details')].map((element) => element.open)
  old.replaceWith(fresh)
  document.title = next.title
  fresh.querySelectorAll('.scroll').forEach((element, index) => {
    if (scrolls[index] !== undefined) [element.scrollLeft, element.scrollTop] = scrolls[index]
  })
  const details = fresh.querySelectorAll('details')
  if (details.length === opened.length) details.forEach((element, index) => { element.open = opened[index] })
  if (focused !== null) {
    const same = [...fresh.querySelectorAll(focusable)].find((element) => signature(element) === focused)
    same?.focus({ preventScroll: true })
  }
}

function later() {
  clearTimeout(timer)
  timer = setTimeout(update, 1000)
}

async function update() {
  if (document.hidden) return
  if (isLoading || isBusy()) return later()
  isLoading = true
  try {
    const response = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' })
    // The session has ended, or the page is no more: it stays as it is.
    if (!response.ok || response.redirected) return close()
    const next = new DOMParser().parseFromString(await response.text(), 'text/html')
    if (isBusy()) return later()
    if (next.querySelector('main') !== null) replace(next)
  } catch {
    later()
  } finally {
    isLoading = false
  }
}

function close() {
  source?.close()
  source = null
}

function connect() {
  if (source !== null || document.hidden) return
  source = new EventSource('/dashboard/events')
  source.addEventListener('change', (event) => {
    if (event.data !== content().dataset.change) update()
  })
  source.addEventListener('end', close)
  source.addEventListener('error', () => {
    // A browser connects again by itself unless it was refused.
    if (source?.readyState !== EventSource.CLOSED) return
    close()
    setTimeout(connect, 30000)
  })
}

document.addEventListener('visibilitychange', () => (document.hidden ? close() : connect()))
window.addEventListener('pagehide', close)
window.addEventListener('pageshow', connect)
connect()
