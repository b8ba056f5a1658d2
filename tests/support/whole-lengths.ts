import fc from 'fast-check'

// Where a property names a greatest length, lists and texts come up to it: by itself fast-check makes about ten of anything.
fc.configureGlobal({ ...fc.readConfigureGlobal(), defaultSizeToMaxWhenMaxSpecified: true })
