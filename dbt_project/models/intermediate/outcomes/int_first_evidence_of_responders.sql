-- The first evidence of each endpoint whose clock starts at the first response.
{{ first_evidence(ref('int_responder_index'), 'first_response') }}
