"""Product ids of the CAR-T cohort, as the catalogue of products has them."""

AXI = "axicabtagene_ciloleucel"
TISA = "tisagenlecleucel"
BREXU = "brexucabtagene_autoleucel"
