-- The first evidence of each endpoint whose clock is that of its analysis set.
{{ first_evidence(ref('int_index'), 'clock') }}
