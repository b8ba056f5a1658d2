// Times are written as UTC, for whoever reads them without this script.
for (const time of document.querySelectorAll('time[datetime]'))
  time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(new Date(time.dateTime))

// A page may copy over https and on this machine alone; elsewhere the older way may work, or the person's own keys.
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent)
    return true
  } catch {
    getSelection().selectAllChildren(element)
    return document.execCommand('copy')
  }
}

for (const button of document.querySelectorAll('button[data-copies]')) {
  const { copies, copied, byHand } = button.dataset
  const status = button.closest('p').nextElementSibling
  button.hidden = false
  button.addEventListener('click', async () => {
    const done = await copy(document.getElementById(copies))
    // Emptied first: the same words again would not be read out again.
    status.textContent = ''
    requestAnimationFrame(() => {
      status.textContent = done ? copied : byHand
    })
  })
}

// The list of what a password needs follows the typing, and the password can be looked at. Without this
// script the server says the same after the form was sent.
for (const needs of document.querySelectorAll('.needs')) {
  const input = document.getElementById(needs.dataset.for)
  const items = [...needs.querySelectorAll('[data-pattern]')]
  const all = [...document.querySelectorAll('input[autocomplete="new-password"]')]

  const look = () => {
    const typed = input.value.normalize('NFC')
    for (const item of items) {
      const state =
        typed === '' ? 'open' : new RegExp(item.dataset.pattern, 'u').test(typed) ? 'met' : 'lacking'
      if (item.dataset.state === state) continue
      item.dataset.state = state
      item.querySelector('.aside').textContent = state === 'open' ? '' : ` (${needs.dataset[state]})`
    }
  }
  input.addEventListener('input', look)
  // After "back" a browser may have filled the field by itself.
  if (input.value !== '') look()

  const show = document.createElement('button')
  show.type = 'button'
  show.className = 'link'
  show.textContent = needs.dataset.show
  show.addEventListener('click', () => {
    const hidden = input.type === 'password'
    for (const one of all) one.type = hidden ? 'text' : 'password'
    show.textContent = hidden ? needs.dataset.hide : needs.dataset.show
  })
  needs.append(show)
  input.form.addEventListener('submit', () => {
    for (const one of all) one.type = 'password'
  })
}
