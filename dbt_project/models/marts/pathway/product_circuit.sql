-- The hospital pharmacy's circuit beside the treatment it made. The apheresis is the registry's:
-- with it the way from vein to vein falls into its parts.
select
    {{ surrogate_key(['circuit.source', 'circuit.order_id', 'circuit.batch_id']) }} as circuit_id,
    circuit.source,
    circuit.order_id,
    circuit.batch_id,
    circuit.patient_id,
    treatments.treatment_source,
    treatments.treatment_id,
    circuit.product,
    circuit.product_code,
    circuit.order_date,
    circuit.cancellation_date,
    treatments.apheresis_date,
    circuit.receipt_date,
    circuit.batch_outcome,
    circuit.release_date,
    circuit.dispensation_date,
    circuit.chain_of_identity,
    {{ days_between('circuit.order_date', 'circuit.receipt_date') }} as order_to_receipt_days,
    {{ days_between('treatments.apheresis_date', 'circuit.receipt_date') }}
        as apheresis_to_receipt_days,
    {{ days_between('circuit.receipt_date', 'circuit.release_date') }} as receipt_to_release_days,
    {{ days_between('circuit.release_date', 'circuit.dispensation_date') }}
        as release_to_dispensation_days,
    {{ days_between('treatments.apheresis_date', 'circuit.dispensation_date') }}
        as vein_to_vein_days
from {{ ref('int_product_circuit') }} as circuit
left join {{ ref('int_circuit_treatment') }} as treatments
    on
        circuit.source = treatments.source
        and circuit.order_id = treatments.order_id
        and coalesce(circuit.batch_id, '') = coalesce(treatments.batch_id, '')
