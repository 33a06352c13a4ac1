// Runs the GET requests of the API reference from its pages, which work without it: they show a curl command.

const keys = document.querySelectorAll('form.try input[type=password]')

/** What the form asks for: its path with the parameters filled in. */
function address(form) {
  let path = form.dataset.path
  const query = new URLSearchParams()
  for (const input of form.querySelectorAll('input[data-in]')) {
    const value = input.value.trim()
    if (input.dataset.in === 'path') path = path.replace(`{${input.name}}`, encodeURIComponent(value))
    else if (value !== '') query.append(input.name, value)
  }
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

/** JSON with line breaks; anything else as it is. */
function readable(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

async function run(form) {
  const output = form.querySelector('output')
  const answer = form.querySelector('pre')
  const headers = {}
  for (const input of form.querySelectorAll('input[type=password]')) {
    if (input.value.trim() !== '') headers.Authorization = `Bearer ${input.value.trim()}`
  }
  output.textContent = '…'
  try {
    const began = performance.now()
    const response = await fetch(address(form), { headers, credentials: 'omit', cache: 'no-store' })
    const text = await response.text()
    output.textContent = `${response.status} ${response.statusText} · ${Math.round(performance.now() - began)} ms`
    answer.textContent = readable(text.slice(0, 100000))
    answer.hidden = false
  } catch (error) {
    output.textContent = error.message
    answer.hidden = true
  }
}

for (const form of document.querySelectorAll('form.try')) {
  form.hidden = false
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    run(form)
  })
}
// Typed once; it stays in this page's memory.
for (const key of keys) {
  key.addEventListener('change', () => keys.forEach((other) => { other.value = key.value }))
}
